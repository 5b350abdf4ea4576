// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/compare.hpp"

#include "tool/dev/bench/figures/bench_ramdisk.hpp"
#include "tool/dev/bench/peers/guest_run.hpp"
#include "tool/dev/bench/peers/peer_setup.hpp"
#include "tool/dev/bench/report/compare_report.hpp"
#include "tool/dev/bench/report/promises.hpp"
#include "tool/dev/bench/report/provenance.hpp"
#include "tool/guest/kernel/kernel.hpp"
#include "tool/machine/machine_description.hpp"
#include "tool/support/files.hpp"
#include "tool/support/hash.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

namespace trv::tool::dev::bench {

namespace {

constexpr std::uint64_t guest_memory = machine::gib;
constexpr std::uint64_t guest_memory_of_several = 512 * machine::mib;
constexpr double run_limit = 1800; // seconds of host time; a busy host is slow
constexpr double idle_watch = 2;   // with the instruction clock far more of guest time, which idle CPUs skip
constexpr unsigned wall_cpus = 2;

/// Measures a suite on its peers.
class Comparison {
  public:
    Comparison(Context& context, const Suite& suite, const CompareOptions& options)
        : context_{context}, suite_{suite}, options_{options} {}

    Result<void> run() {
        std::vector<unsigned> users;
        std::ranges::transform(suite_.measurements, std::back_inserter(users), users_of);
        TRY(set_up_peers(context_, *options_.platform, options_.peers, users));
        kernel_ = TRY(guest::kernel_image(context_.paths, guest_kernel));
        for (const Measurement& measurement : suite_.measurements) {
            if (measurement.payload.empty()) {
                ramdisks_[measurement.name] = TRY(make_ramdisk(context_, suite_, measurement));
            }
        }
        for (const Clock clock : options_.clocks) {
            // Alternating, so that what changes on the host hits all peers alike.
            for (unsigned round = 0; round < (clock == Clock::Icount ? 1 : options_.runs); ++round) {
                TRY(run_round(clock));
            }
        }
        return {};
    }

    [[nodiscard]] const std::vector<Sample>& samples() const { return samples_; }

    Result<Provenance> provenance() const {
        Provenance made{.suite = suite_.name,
                        .versions = TRY(versions_here(context_.paths)),
                        .host = host_description(),
                        .guest_memory = guest_memory};
        if (const Measurement& first = suite_.measurements.front(); first.payload.empty()) {
            made.kernel = guest_kernel;
            made.ramdisk_sha256 = TRY(sha256_of_file(ramdisks_.at(first.name)));
        } else {
            made.kernel = std::string(machine::built_guest) + first.payload;
            made.guest_memory = first.guest_memory;
        }
        made.command_lines.assign(command_lines_.begin(), command_lines_.end());
        return made;
    }

  private:
    Result<void> run_round(Clock clock) {
        for (const Measurement& measurement : suite_.measurements) {
            for (const Peer peer : options_.peers) {
                if (has(measurement.peers, peer)) {
                    TRY(measure(measurement, peer, clock));
                }
            }
        }
        return {};
    }

    Result<void> measure(const Measurement& measurement, Peer peer, Clock clock) {
        Progress::Step step{context_.progress, fmt::format("{} on {} ({})", measurement.name, name(peer), name(clock))};
        const auto run = TRY(run_guests(context_.paths, fmt::format("bench-{}-{}", measurement.name, name(peer)), peer,
                                        guest_of(measurement, clock), shape_of(measurement, peer, clock)));
        for (std::size_t index = 0; index < run.lines.size(); ++index) {
            TRY(add_sample(measurement, {.paths = context_.paths, .peer = peer, .run = run, .guest = index}, clock));
        }
        command_lines_[fmt::format("{}, {}, {}", measurement.name, name(peer), name(clock))] =
            without_root(run.command_line);
        step.done();
        return {};
    }

    /// VMs with a TEE.
    static unsigned users_of(const Measurement& measurement) { return measurement.with_tee ? measurement.guests : 0; }

    [[nodiscard]] RunShape shape_of(const Measurement& measurement, Peer peer, Clock clock) const {
        const bool below_xen = peer == Peer::Xen && !measurement.first_process.empty();
        return {.board = {.platform = options_.platform,
                          .cpus = clock == Clock::Icount ? measurement.cpus : wall_cpus,
                          .clock = clock},
                .until_off = below_xen || !measurement.payload.empty(),
                .log_exceptions = measurement.count_exits && clock == Clock::Icount,
                .idle_for = measurement.watch_idle ? idle_watch : 0,
                .limit = run_limit};
    }

    [[nodiscard]] BenchGuest guest_of(const Measurement& measurement, Clock clock) const {
        const bool alone = measurement.guests == 1;
        BenchGuest guest{.memory = measurement.guest_memory,
                         .vcpus = clock == Clock::Icount ? measurement.vcpus : (alone ? wall_cpus : 1),
                         .count = measurement.guests,
                         .with_tee = users_of(measurement)};
        if (guest.memory == 0) {
            guest.memory = alone ? guest_memory : guest_memory_of_several;
        }
        if (measurement.payload.empty()) {
            guest.kernel = kernel_;
            guest.ramdisk = ramdisks_.at(measurement.name);
        } else {
            guest.kernel = context_.paths.hypervisor_build() / "guests" / (measurement.payload + ".bin");
            guest.commands = measurement.script;
        }
        return guest;
    }

    Result<void> add_sample(const Measurement& measurement, const ReadContext& context, Clock clock) {
        Sample sample{.peer = context.peer,
                      .clock = clock,
                      .figures = TRY(measurement.read(context)),
                      .refused = parse_refusals(context.run.lines[context.guest])};
        std::string suffix = measurement.suffix;
        if (measurement.guests > 1) {
            suffix += fmt::format("-{}", static_cast<char>('a' + context.guest));
        }
        for (Figure& figure : sample.figures) {
            figure.name += suffix;
        }
        samples_.push_back(std::move(sample));
        return {};
    }

    /// Results must not reveal the checkout's path.
    std::vector<std::string> without_root(std::vector<std::string> line) const {
        const std::string root = context_.paths.root().string() + "/";
        for (std::string& word : line) {
            for (std::size_t at = 0; (at = word.find(root, at)) != std::string::npos;) {
                word.erase(at, root.size());
            }
        }
        return line;
    }

    Context& context_;
    const Suite& suite_;
    const CompareOptions& options_;
    std::filesystem::path kernel_;
    std::map<std::string, std::filesystem::path> ramdisks_; // by the measurement's name
    std::map<std::string, std::vector<std::string>> command_lines_;
    std::vector<Sample> samples_;
};

/// What a baseline is about: Trivisor's own figures that repeat exactly.
std::vector<Figure> our_figures(const std::vector<Sample>& samples) {
    std::vector<Figure> figures;
    for (const Row& row : rows_of(samples, Clock::Icount)) {
        if (const auto spread = row.spreads.find(Peer::Trivisor); spread != row.spreads.end()) {
            figures.push_back({.name = row.name, .ns = spread->second.median});
        }
    }
    return figures;
}

/// Those of the peers that can do a part of the suite.
std::vector<Peer> able_peers(const Suite& suite, const std::vector<Peer>& peers) {
    std::vector<Peer> able;
    std::ranges::copy_if(peers, std::back_inserter(able), [&](Peer peer) {
        return std::ranges::any_of(suite.measurements,
                                   [&](const Measurement& measurement) { return has(measurement.peers, peer); });
    });
    return able;
}

/// The promises are about the usual board, and so are the names of files without a board's.
bool is_usual(const CompareOptions& options) {
    return options.platform == &platform::qemu_virt;
}

std::string name_of(const Suite& suite, const CompareOptions& options) {
    return is_usual(options) ? suite.name : fmt::format("{}-{}", suite.name, options.platform->name);
}

Result<void> check_clocks(const Suite& suite, const CompareOptions& options) {
    for (const Clock clock : options.clocks) {
        if (!has(suite.clocks, clock)) {
            return usage_error("bench", "--clock", fmt::format("'{}' cannot measure {}", name(clock), suite.name),
                               "Use --clock icount.");
        }
    }
    return {};
}

} // namespace

Result<int> run_compare(Context& context, const Suite& suite, const CompareOptions& wanted) {
    TRY(check_clocks(suite, wanted));
    CompareOptions options = wanted;
    options.peers = able_peers(suite, wanted.peers);
    if (options.peers.empty()) {
        return usage_error("bench", "--on", fmt::format("none of these can run {}", suite.name),
                           "Add trivisor to --on.");
    }
    Comparison comparison{context, suite, options};
    TRY(comparison.run());
    const std::string title = name_of(suite, options);
    std::string tables;
    for (const Clock clock : options.clocks) {
        tables += fmt::format("{}{}, {}\n\n{}", tables.empty() ? "" : "\n", title, name(clock),
                              compare_table(rows_of(comparison.samples(), clock), options.peers));
    }
    std::vector<Kept> promises;
    if (is_usual(options) && has(options.clocks, Clock::Icount)) { // which they are about
        promises = check_promises(suite.name, rows_of(comparison.samples(), Clock::Icount), options.peers);
    }
    fmt::print("\n{}{}{}", tables, promises.empty() ? "" : "\n", promise_table(promises));
    const auto json = compare_json(TRY(comparison.provenance()), comparison.samples(), options.clocks);
    TRY(write_results(options.files, title, json));
    if (!options.files.out.empty()) {
        const auto out = std::filesystem::absolute(options.files.out);
        TRY(write_file(out / (title + ".md"), tables));
        for (const Clock clock : options.clocks) {
            TRY(draw_plot(out, fmt::format("{}-{}", title, name(clock)), fmt::format("{} ({})", title, name(clock)),
                          rows_of(comparison.samples(), clock), options.peers));
        }
    }
    const bool as_before = TRY(apply_baseline(options.files.baseline, title, our_figures(comparison.samples())));
    return as_before && all_kept(promises) ? 0 : 1;
}

} // namespace trv::tool::dev::bench
