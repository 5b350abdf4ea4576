// SPDX-License-Identifier: Apache-2.0
#include "tool/trace/event_writer.hpp"

#include <fmt/format.h>

namespace trv::tool::trace {

namespace {

/// The format's times are microseconds.
std::string micros(std::uint64_t ns) {
    return fmt::format("{}.{:03}", ns / 1000, ns % 1000);
}

} // namespace

void EventWriter::begin() {
    out_ << "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
}

void EventWriter::put(std::string_view event) {
    out_ << (first_ ? "\n" : ",\n") << event;
    first_ = false;
}

void EventWriter::name(std::string_view what, Track track, std::string_view name) {
    put(fmt::format(R"({{"ph":"M","name":"{}","pid":{},"tid":{},"args":{{"name":"{}"}}}})", what, track.process,
                    track.thread, name));
}

void EventWriter::name_process(unsigned process, std::string_view text) {
    name("process_name", {.process = process, .thread = 0}, text);
    put(fmt::format(R"({{"ph":"M","name":"process_sort_index","pid":{},"tid":0,"args":{{"sort_index":{}}}}})", process,
                    process));
}

void EventWriter::name_thread(Track track, std::string_view text) {
    name("thread_name", track, text);
    put(fmt::format(R"({{"ph":"M","name":"thread_sort_index","pid":{},"tid":{},"args":{{"sort_index":{}}}}})",
                    track.process, track.thread, track.thread));
}

void EventWriter::slice(Track track, std::string_view name, std::uint64_t from, std::uint64_t to,
                        std::string_view arguments) {
    put(fmt::format(R"({{"ph":"X","name":"{}","pid":{},"tid":{},"ts":{},"dur":{},"args":{{{}}}}})", name, track.process,
                    track.thread, micros(from), micros(to - from), arguments));
}

void EventWriter::instant(Track track, std::string_view name, std::uint64_t time, std::string_view arguments) {
    put(fmt::format(R"({{"ph":"i","s":"t","name":"{}","pid":{},"tid":{},"ts":{},"args":{{{}}}}})", name, track.process,
                    track.thread, micros(time), arguments));
}

void EventWriter::end(std::string_view other) {
    out_ << "\n],\"otherData\":{" << other << "}}\n";
}

} // namespace trv::tool::trace
