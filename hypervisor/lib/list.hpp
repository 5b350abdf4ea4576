// SPDX-License-Identifier: Apache-2.0
#pragma once
// A doubly linked list whose links live in its members: no allocation, O(1) removal. A member is in at most one list
// per node it has; it must not be in any list when it is destroyed.

#include <cstddef>

namespace trv {

template <typename T>
class ListNode {
    template <typename U, ListNode<U> U::*>
    friend class List;
    T* previous_ = nullptr;
    T* next_ = nullptr;
    bool linked_ = false;

  public:
    [[nodiscard]] constexpr bool is_linked() const { return linked_; }
};

template <typename T, ListNode<T> T::* Node>
class List {
  public:
    constexpr List() = default;
    List(const List&) = delete;
    List& operator=(const List&) = delete;

    [[nodiscard]] constexpr bool empty() const { return first_ == nullptr; }
    [[nodiscard]] constexpr T* front() const { return first_; }
    [[nodiscard]] static constexpr T* after(const T& member) { return (member.*Node).next_; }
    [[nodiscard]] constexpr std::size_t size() const {
        std::size_t n = 0;
        for (const T* m = first_; m != nullptr; m = after(*m)) {
            ++n;
        }
        return n;
    }

    constexpr void push_back(T& member) { insert_before(nullptr, member); }
    constexpr void push_front(T& member) { insert_before(first_, member); }

    /// @param position the member to insert before, or null for the end
    constexpr void insert_before(T* position, T& member) {
        ListNode<T>& node = member.*Node;
        T* const previous = position != nullptr ? (position->*Node).previous_ : last_;
        node.previous_ = previous;
        node.next_ = position;
        node.linked_ = true;
        (previous != nullptr ? (previous->*Node).next_ : first_) = &member;
        (position != nullptr ? (position->*Node).previous_ : last_) = &member;
    }

    constexpr void remove(T& member) {
        ListNode<T>& node = member.*Node;
        (node.previous_ != nullptr ? (node.previous_->*Node).next_ : first_) = node.next_;
        (node.next_ != nullptr ? (node.next_->*Node).previous_ : last_) = node.previous_;
        node.previous_ = nullptr;
        node.next_ = nullptr;
        node.linked_ = false;
    }

    constexpr T* pop_front() {
        T* const member = first_;
        if (member != nullptr) {
            remove(*member);
        }
        return member;
    }

  private:
    T* first_ = nullptr;
    T* last_ = nullptr;
};

} // namespace trv
