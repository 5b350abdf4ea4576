// SPDX-License-Identifier: Apache-2.0
// Registered memory: page lists, cookies, quotas, windows.

#include "tee_test.hpp"

namespace trv::tee::optee {
namespace {

class Shared : public TeeTest {
  protected:
    void SetUp() override {
        PartitionConfig config;
        config.quotas.pinned_pages = 6000;
        config.quotas.buffers = 20;
        start(config);
    }
    const FakeOptee::Memory* only_memory() {
        auto& memory = optee().memory_of(alpha.partition->id());
        return memory.size() == 1 ? &memory.begin()->second : nullptr;
    }
    u32 invoke(std::vector<msg::Param> params) {
        EXPECT_EQ(driver.call({1, std::move(params), 1}), abi::Ok);
        return driver.header(GuestDriver::private_argument).ret;
    }
};

TEST_F(Shared, ListsOfEveryLength) {
    for (const u64 count : {1U, 2U, 510U, 511U, 512U, 1022U, 1023U, 1024U}) {
        std::vector<Ipa> pages;
        for (u64 i = 0; i < count; ++i) {
            pages.push_back(GuestDriver::page(32 + i * 7 % 1000));
        }
        for (const u64 offset : {0U, 1U, 4095U}) {
            ASSERT_EQ(driver.register_shm(5, pages, count * page_size - offset, offset), 0U) << count;
            ASSERT_NE(only_memory(), nullptr);
            ASSERT_EQ(only_memory()->pages.size(), count);
            for (u64 i = 0; i < count; ++i) {
                ASSERT_EQ(only_memory()->pages[i], alpha.pa_of(pages[i]));
            }
            EXPECT_EQ(only_memory()->offset, offset);
            EXPECT_EQ(alpha.pins(), count);
            ASSERT_EQ(driver.unregister_shm(5), 0U);
            EXPECT_EQ(alpha.pins(), 0U);
        }
    }
}

TEST_F(Shared, ListsOfEveryShape) {
    constexpr u64 leaf = 512; // pages
    constexpr u64 count = 1000;
    const std::pair<const char*, u64 (*)(u64)> shapes[] = {
        {"ascending, over two leaves", [](u64 i) { return 32 + i; }},
        {"descending", [](u64 i) { return 1100 - i; }},
        {"from two leaves in turn", [](u64 i) { return (i % 2 + 1) * leaf + i / 2 % leaf; }},
        {"from all leaves in turn", [](u64 i) { return i % 4 * leaf + 32 + i / 4; }},
        {"runs of five, each before the last one", [](u64 i) { return 1100 - i / 5 * 5 + i % 5; }},
        {"one page over and over", [](u64) { return u64{40}; }},
    };
    for (const auto& [name, page_at] : shapes) {
        std::vector<Ipa> pages;
        for (u64 i = 0; i < count; ++i) {
            pages.push_back(GuestDriver::page(page_at(i)));
        }
        ASSERT_EQ(driver.register_shm(5, pages, count * page_size), 0U) << name;
        ASSERT_NE(only_memory(), nullptr) << name;
        ASSERT_EQ(only_memory()->pages.size(), count) << name;
        for (u64 i = 0; i < count; ++i) {
            ASSERT_EQ(only_memory()->pages[i], alpha.pa_of(pages[i])) << name << ", page " << i;
        }
        EXPECT_EQ(alpha.pins(), count) << name;
        ASSERT_EQ(driver.unregister_shm(5), 0U) << name;
        EXPECT_EQ(alpha.pins(), 0U) << name;
    }
}

TEST_F(Shared, TheLastNextWordIsNotFollowed) {
    for (const u64 count : {511U, 1022U}) {
        const u64 list = driver.make_list(GuestDriver::pages_from(GuestDriver::page(32), count));
        alpha.at<u64>(GuestDriver::lists + (count / 511 - 1) * page_size + msg::list_next_offset) = 0x1234'5678'9abc;
        EXPECT_EQ(driver.call(GuestDriver::register_message(list, count * page_size, 5)), abi::Ok);
        EXPECT_EQ(driver.header(GuestDriver::private_argument).ret, 0U);
        EXPECT_EQ(driver.unregister_shm(5), 0U);
    }
}

TEST_F(Shared, SizesThatCannotBe) {
    const u64 list = driver.make_list({GuestDriver::page(40)});
    const auto result = [&](u64 buf_ptr, u64 size) {
        EXPECT_EQ(driver.call(GuestDriver::register_message(buf_ptr, size, 5)), abi::Ok);
        return driver.header(GuestDriver::private_argument).ret;
    };
    EXPECT_EQ(result(list, 0), bad_parameters);
    EXPECT_EQ(result(list, ~u64{0}), out_of_memory);
    EXPECT_EQ(result(list | 2, ~u64{0}), bad_parameters);
    EXPECT_EQ(result(list, 6001 * page_size), out_of_memory);
    EXPECT_EQ(result(list | 1, 6000 * page_size), out_of_memory);
    EXPECT_EQ(result(list, u64{1} << 44), out_of_memory);
    EXPECT_EQ(alpha.pins(), 0U);
}

TEST_F(Shared, AForeignPageAnywhere) {
    constexpr u64 count = 600;
    const u64 foreign[] = {GuestVm::read_only.value,
                           GuestVm::device.value,
                           GuestVm::hole.value,
                           GuestDriver::page(40).value + 8,
                           ~u64{0},
                           ~u64{0xfff},
                           0};
    for (const u64 place : {0U, 1U, 300U, 510U, 511U, 599U}) {
        for (const u64 bad : foreign) {
            std::vector<Ipa> pages = GuestDriver::pages_from(GuestDriver::page(32), count);
            pages[place] = Ipa(bad);
            entries();
            EXPECT_EQ(driver.register_shm(5, pages, count * page_size), bad_parameters);
            EXPECT_EQ(entries(), 0U);
            EXPECT_EQ(alpha.pins(), 0U) << "everything before it is unpinned";
        }
    }
    EXPECT_EQ(alpha.partition->usage().pinned_pages, 0U);
    EXPECT_EQ(alpha.partition->usage().buffers, 0U);
}

TEST_F(Shared, BadListPages) {
    for (const u64 bad :
         {GuestVm::read_only.value, GuestVm::device.value, GuestVm::hole.value, ~u64{0xfff}, GuestVm::hole.value + 8}) {
        const u64 list = driver.make_list(GuestDriver::pages_from(GuestDriver::page(32), 600));
        alpha.at<u64>(GuestDriver::lists + msg::list_next_offset) = bad;
        EXPECT_EQ(driver.call(GuestDriver::register_message(list, 600 * page_size, 5)), abi::Ok);
        EXPECT_EQ(driver.header(GuestDriver::private_argument).ret, bad_parameters);
        EXPECT_EQ(driver.call(GuestDriver::register_message(bad & ~u64{0xfff}, page_size, 5)), abi::Ok);
        EXPECT_EQ(driver.header(GuestDriver::private_argument).ret, bad_parameters);
    }
    EXPECT_EQ(alpha.pins(), 0U);
}

TEST_F(Shared, ListsThatLeadIntoThemselves) {
    const u64 list = driver.make_list(GuestDriver::pages_from(GuestDriver::page(32), 511));
    alpha.at<u64>(GuestDriver::lists + msg::list_next_offset) = GuestDriver::lists.value;
    EXPECT_EQ(driver.call(GuestDriver::register_message(list, 1024 * page_size, 5)), abi::Ok);
    EXPECT_EQ(driver.header(GuestDriver::private_argument).ret, 0U) << "the size says where it ends";
    EXPECT_EQ(alpha.pins(), 1024U);
    EXPECT_EQ(driver.unregister_shm(5), 0U);
}

TEST_F(Shared, MemoryThatChangesWhileItIsPinned) {
    unsigned lookups = 0;
    alpha.on_lookup = [&](Ipa ipa) {
        // The second look at the page finds it gone.
        if (ipa.align_down(2 * MiB) == GuestDriver::page(1024).align_down(2 * MiB) && ++lookups == 2) {
            ASSERT_TRUE(alpha.space().unmap({GuestDriver::page(1024), 2 * MiB}));
        }
    };
    EXPECT_EQ(driver.register_pages(5, GuestDriver::page(1024), 4), bad_parameters);
    alpha.on_lookup = nullptr;
    EXPECT_EQ(alpha.pins(), 0U);
}

TEST_F(Shared, RegisteringAgainReplaces) {
    ASSERT_EQ(driver.register_pages(5, GuestDriver::page(40), 2), 0U);
    ASSERT_EQ(driver.register_pages(5, GuestDriver::page(50), 3), 0U);
    optee().application = [&](FakeOptee::Thread& thread) {
        EXPECT_EQ(thread.optee->memory_of(thread.id).at(thread.param(0).c).pages.size(), 3U);
    };
    EXPECT_EQ(invoke({{msg::RmemIn, 0, 8, 5}}), 0U);
    ASSERT_NE(only_memory(), nullptr) << "the old one is unregistered when it is idle";
    EXPECT_EQ(alpha.pins(), 3U);
    EXPECT_EQ(driver.unregister_shm(5), 0U);
    EXPECT_EQ(driver.unregister_shm(5), bad_parameters);
    EXPECT_EQ(driver.unregister_shm(0), bad_parameters);
}

TEST_F(Shared, CookiesOfOpteesMeanNothingToGuests) {
    ASSERT_EQ(driver.register_pages(5, GuestDriver::page(40), 1), 0U);
    const u64 inner = optee().memory_of(alpha.partition->id()).begin()->first;
    EXPECT_EQ(invoke({{msg::RmemIn, 0, 8, inner}}), bad_parameters);
    EXPECT_EQ(driver.unregister_shm(inner), bad_parameters);
    EXPECT_EQ(driver.call(GuestDriver::register_message(driver.make_list({GuestDriver::page(41)}), page_size, 0)),
              abi::Ok);
    EXPECT_EQ(driver.header(GuestDriver::private_argument).ret, bad_parameters) << "cookie 0";
    admit(beta, {});
    GuestDriver other(beta);
    EXPECT_EQ(other.unregister_shm(5), bad_parameters) << "another VM's";
}

TEST_F(Shared, Quotas) {
    for (u64 i = 1; i <= 20; ++i) {
        ASSERT_EQ(driver.register_pages(i, GuestDriver::page(40), 1), 0U);
    }
    EXPECT_EQ(driver.register_pages(21, GuestDriver::page(40), 1), out_of_memory);
    EXPECT_EQ(refused(Refusal::BufferQuota), 1U);
    for (u64 i = 1; i <= 20; ++i) {
        ASSERT_EQ(driver.unregister_shm(i), 0U);
    }
    for (u64 i = 1; i <= 5; ++i) {
        ASSERT_EQ(driver.register_pages(i, GuestDriver::page(40), 1000), 0U);
    }
    EXPECT_EQ(driver.register_pages(6, GuestDriver::page(40), 1001), out_of_memory);
    EXPECT_EQ(refused(Refusal::PinQuota), 1U);
    EXPECT_EQ(driver.register_pages(6, GuestDriver::page(40), 1000), 0U);
    EXPECT_EQ(alpha.partition->usage().pinned_pages, 6000U);
}

TEST_F(Shared, TheMappingBudget) {
    ASSERT_EQ(driver.register_pages(1, GuestDriver::page(40), 1000), 0U);
    ASSERT_EQ(driver.register_pages(2, GuestDriver::page(40), 280), 0U);
    ASSERT_EQ(driver.register_pages(3, GuestDriver::page(40), 1), 0U);
    EXPECT_EQ(invoke({{msg::RmemIn, 0, 8, 1}, {msg::RmemIn, 8, 8, 1}, {msg::RmemIn, 0, 8, 2}}), 0U);
    EXPECT_EQ(invoke({{msg::RmemIn, 0, 8, 1}, {msg::RmemIn, 0, 8, 2}, {msg::RmemIn, 0, 8, 3}}), out_of_memory);
    EXPECT_EQ(refused(Refusal::MapBudget), 1U);
    // The other call in flight counts as well.
    optee().next_script = {FakeOptee::command(msg::rpc::Suspend, {{msg::ValueIn, 1, 0, 0}})};
    driver.on_command = [&](Ipa) {
        GuestDriver other(alpha);
        other.write(GuestDriver::page(30), {1, {{msg::RmemIn, 0, 8, 2}, {msg::RmemIn, 0, 8, 3}}, 1});
        EXPECT_EQ(other.start(abi::CallWithRpcArg, GuestDriver::page(30).value)[0], abi::EThreadLimit)
            << "until that one has ended";
    };
    EXPECT_EQ(invoke({{msg::RmemIn, 0, 8, 1}}), 0U);
    EXPECT_EQ(alpha.partition->usage().core_mapped_pages, 0U);
}

TEST_F(Shared, LargeBuffersAreKnownByWindows) {
    constexpr u64 count = 4096; // 16 MiB, each page of it four times
    std::vector<Ipa> pages;
    for (u64 i = 0; i < count; ++i) {
        pages.push_back(GuestDriver::page(32 + i % 1024));
    }
    entries();
    ASSERT_EQ(driver.register_shm(5, pages, count * page_size - 16, 16), 0U);
    EXPECT_EQ(entries(), 0U) << "OP-TEE does not hear of it";
    EXPECT_EQ(alpha.pins(), count);
    const u64 far = 3000 * page_size + 100;
    alpha.at<u8>(GuestDriver::page(32 + 3000 % 1024) + 116) = 9;
    optee().application = [&](FakeOptee::Thread& thread) {
        *thread.optee->memory_of(thread.id).at(thread.param(0).c).at(thread.param(0).a) += 1;
    };
    EXPECT_EQ(invoke({{msg::RmemInOut, far, 3 * page_size, 5}}), 0U);
    EXPECT_EQ(alpha.at<u8>(GuestDriver::page(32 + 3000 % 1024) + 116), 10);
    EXPECT_EQ(entries(), 2U) << "the window, then the call";
    EXPECT_EQ(invoke({{msg::RmemInOut, far + 8, page_size, 5}}), 0U);
    EXPECT_EQ(entries(), 1U) << "the window is still there";
    EXPECT_EQ(invoke({{msg::RmemIn, 0, 1024 * page_size, 5}}), 0U) << "4 MiB that do not begin with a page";
    EXPECT_EQ(invoke({{msg::RmemIn, 0, 1025 * page_size, 5}}), out_of_memory) << "more than one mapping may have";
    EXPECT_EQ(invoke({{msg::RmemIn, 0, count * page_size, 5}}), bad_parameters) << "beyond the end";
    EXPECT_EQ(alpha.partition->usage().windows, 2U);
    EXPECT_EQ(driver.unregister_shm(5), 0U);
    EXPECT_EQ(alpha.partition->usage().windows, 0U);
    EXPECT_TRUE(optee().memory_of(alpha.partition->id()).empty());
    EXPECT_EQ(alpha.pins(), 0U);
}

TEST_F(Shared, WindowsAreEvicted) {
    ASSERT_EQ(driver.register_pages(5, GuestDriver::page(32), 1800), 0U);
    for (u64 i = 0; i < 3 * Records::max_windows; ++i) {
        EXPECT_EQ(invoke({{msg::RmemIn, i * 2 * page_size, 8, 5}}), 0U);
    }
    EXPECT_EQ(alpha.partition->usage().windows, Records::max_windows);
    optee().next_ret = out_of_memory; // OP-TEE has no memory for another window... nor to forget one
    EXPECT_EQ(invoke({{msg::RmemIn, 1700 * page_size, 8, 5}}), 0U);
    EXPECT_EQ(driver.unregister_shm(5), 0U);
    EXPECT_GT(alpha.pins(), 0U) << "OP-TEE kept one window: its buffer stays";
}

TEST_F(Shared, ALargeBufferPartByPart) {
    driver.probe();
    constexpr u64 count = 5900; // each page of it several times
    std::vector<Ipa> pages;
    for (u64 i = 0; i < count; ++i) {
        pages.push_back(GuestDriver::page(32 + i % 1024));
    }
    ASSERT_EQ(driver.register_shm(5, pages, count * page_size), 0U);
    optee().heap_pages = 3000;
    for (u64 first = 0; first + 1024 <= count; first += 256) {
        EXPECT_EQ(invoke({{msg::RmemInOut, first * page_size, 1024 * page_size, 5}}), 0U) << first;
    }
    // All others find room as well: they matter more than windows that no call uses.
    EXPECT_EQ(driver.register_pages(6, GuestDriver::page(40), 90), 0U);
    EXPECT_NE(driver.open(hello), 0U);
    EXPECT_EQ(invoke({{msg::RmemInOut, 0, 1024 * page_size, 5}, {msg::RmemIn, 0, 8, 6}}), 0U);
    optee().heap_pages = 1200;
    const u32 session = driver.open(hello);
    EXPECT_NE(session, 0U) << "OP-TEE had no memory for a session at first";
    EXPECT_EQ(alpha.partition->usage().windows, 0U);
    EXPECT_EQ(refused(Refusal::MapBudget) + refused(Refusal::PinQuota), 0U);
}

TEST_F(Shared, WindowsThatNoCallUsesLeaveRoom) {
    std::vector<Ipa> pages;
    for (u64 i = 0; i < 5900; ++i) {
        pages.push_back(GuestDriver::page(32 + i % 1024));
    }
    ASSERT_EQ(driver.register_shm(5, pages, pages.size() * page_size), 0U);
    for (u64 first = 0; first + 1024 <= pages.size(); first += 256) {
        EXPECT_EQ(invoke({{msg::RmemInOut, first * page_size, 1024 * page_size, 5}}), 0U);
        u64 known = 0;
        for (const auto& [cookie, memory] : optee().memory_of(alpha.partition->id())) {
            known += memory.pages.size();
        }
        EXPECT_LE(known, Windows::most_pages);
    }
    EXPECT_EQ(alpha.partition->usage().windows, 4U);
}

TEST_F(Shared, OpteeRefuses) {
    optee().next_ret = out_of_memory;
    EXPECT_EQ(driver.register_pages(5, GuestDriver::page(40), 300), out_of_memory);
    EXPECT_EQ(alpha.pins(), 0U);
    optee().next_ret = bad_parameters;
    EXPECT_EQ(driver.register_pages(5, GuestDriver::page(40), 300), out_of_memory) << "what that means for good pages";
    EXPECT_EQ(alpha.pins(), 0U);
    optee().next_code = abi::ENoMem;
    driver.write(GuestDriver::private_argument,
                 GuestDriver::register_message(driver.make_list({GuestDriver::page(40)}), page_size, 5));
    EXPECT_EQ(driver.start(abi::CallWithRpcArg, GuestDriver::private_argument.value)[0], abi::ENoMem);
    EXPECT_EQ(alpha.pins(), 0U);
    ASSERT_EQ(driver.register_pages(5, GuestDriver::page(40), 3), 0U);
    entries();
    unsigned refusals = 0;
    optee().inside = [&] { optee().next_ret = ++refusals < 100 ? bad_parameters : 0; };
    EXPECT_EQ(driver.unregister_shm(5), bad_parameters);
    optee().inside = nullptr;
    EXPECT_EQ(entries(), 1U) << "it is asked once";
    EXPECT_EQ(alpha.pins(), 3U) << "what OP-TEE keeps stays pinned";
    EXPECT_EQ(driver.unregister_shm(5), bad_parameters);
    EXPECT_EQ(entries(), 0U);
}

TEST_F(Shared, UnregisteringWhatHoldsAnArgument) {
    driver.probe();
    optee().next_script = {FakeOptee::command(msg::rpc::Suspend, {{msg::ValueIn, 1, 0, 0}})};
    driver.on_command = [&](Ipa) {
        GuestDriver other(alpha);
        other.write(GuestDriver::page(30), {5, {{msg::RmemIn, 0, 0, GuestDriver::argument_cookie}}});
        EXPECT_EQ(other.start(abi::CallWithRpcArg, GuestDriver::page(30).value)[0], abi::Ok);
        EXPECT_EQ(other.header(GuestDriver::page(30)).ret, 0U);
        EXPECT_EQ(alpha.pins(), 1U) << "the call writes its results there";
        EXPECT_EQ(other.start(abi::CallWithRegdArg, GuestDriver::argument_cookie)[0], abi::EBadAddr);
    };
    EXPECT_EQ(driver.call_registered({1, {{msg::ValueIn, 1, 1, 1}}, 1}), abi::Ok);
    EXPECT_EQ(driver.call({2, {}, 1}), abi::Ok) << "cleans up before it begins";
    EXPECT_EQ(alpha.pins(), 0U);
}

TEST_F(Shared, UnregisteringWhatACallIsAboutToUse) {
    driver.probe();
    ASSERT_EQ(driver.register_pages(5, GuestDriver::page(32), 1800), 0U);
    ASSERT_EQ(driver.register_pages(6, GuestDriver::page(40), 1), 0U);
    // The window of the one is being registered when the other goes.
    optee().script_any_command = true;
    optee().next_script = {FakeOptee::command(msg::rpc::Notification, {{msg::ValueIn, 0, 64, 0}})};
    driver.on_command = [&](Ipa) {
        GuestDriver other(alpha);
        other.write(GuestDriver::page(30), {5, {{msg::RmemIn, 0, 0, 6}}});
        EXPECT_EQ(other.start(abi::CallWithRpcArg, GuestDriver::page(30).value)[0], abi::Ok);
        EXPECT_EQ(other.header(GuestDriver::page(30)).ret, 0U);
    };
    EXPECT_EQ(driver.call_registered({1, {{msg::RmemIn, 0, 8, 5}, {msg::RmemIn, 0, 8, 6}}, 1}), abi::Ok);
    EXPECT_EQ(driver.header(GuestDriver::registered).ret, 0U);
    EXPECT_EQ(driver.commands.size(), 1U);
    EXPECT_EQ(driver.call({2, {}, 1}), abi::Ok);
    EXPECT_EQ(alpha.pins(), 1801U) << "forgotten when the call had ended";
}

TEST_F(Shared, LongWorkLeavesForInterrupts) {
    arch::fake_interrupt_pending = true;
    u64 pins = 0;
    driver.on_foreign = [&] {
        EXPECT_LE(alpha.pins(), pins + 130) << "128 pages, the list's page, the argument's page";
        pins = alpha.pins();
    };
    ASSERT_EQ(driver.register_pages(5, GuestDriver::page(40), 1024), 0U);
    EXPECT_EQ(driver.rpcs.size(), 7U) << "after each 128 pages but the last ones";
    driver.rpcs.clear();
    driver.on_foreign = nullptr;
    EXPECT_EQ(driver.unregister_shm(5), 0U);
    EXPECT_GE(driver.rpcs.size(), 7U);
    EXPECT_EQ(alpha.partition->statistics().slices.value(), 7 + driver.rpcs.size());
}

TEST_F(Shared, UntouchedMemoryIsLongWork) {
    GuestVm wide(machine, 2, 32 * MiB);
    admit(wide, {});
    GuestDriver wide_driver(wide);
    constexpr u64 leaf = 2 * MiB / page_size;
    std::vector<Ipa> pages; // from all leaves in turn
    for (u64 i = 0; i < 128; ++i) {
        pages.push_back(GuestDriver::page(32 + i % 16 * leaf + i));
    }
    arch::fake_interrupt_pending = true;
    wide_driver.on_foreign = [&] {
        EXPECT_LE(std::exchange(wide.lookups, 0), 12U) << "four leaves twice, the list's, the argument's";
    };
    EXPECT_EQ(wide_driver.register_shm(5, pages, 128 * page_size), 0U);
    EXPECT_GE(wide_driver.rpcs.size(), 31U);
}

} // namespace
} // namespace trv::tee::optee
