// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

namespace trv {

/// The right to use one thing of a pool's; its end gives the thing back. Derive from it to name the thing.
/// @tparam Pool  makes leases, and has give_back(Thing); both are friends of each other
/// @tparam Thing its default value means none
template <typename Pool, typename Thing>
class Lease {
  public:
    constexpr Lease() = default;
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), thing_(std::exchange(other.thing_, Thing{})) {}
    Lease& operator=(Lease&& other) noexcept {
        if (this != &other) {
            reset();
            pool_ = std::exchange(other.pool_, nullptr);
            thing_ = std::exchange(other.thing_, Thing{});
        }
        return *this;
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { reset(); }

    explicit operator bool() const { return pool_ != nullptr; }
    void reset() {
        if (Pool* const pool = std::exchange(pool_, nullptr); pool != nullptr) {
            pool->give_back(std::exchange(thing_, Thing{}));
        }
    }

  protected:
    [[nodiscard]] const Thing& thing() const { return thing_; }

  private:
    friend Pool;
    Lease(Pool& pool, const Thing& thing) : pool_(&pool), thing_(thing) {}

    Pool* pool_ = nullptr;
    Thing thing_{};
};

} // namespace trv
