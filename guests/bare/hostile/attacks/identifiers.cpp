// SPDX-License-Identifier: Apache-2.0
// Function identifiers that are not a guest's, and registers that are not its to fill.

#include "guests/bare/hostile/attack.hpp"
#include "guests/bare/hostile/groups.hpp"

namespace trv::bare::hostile {
namespace {

constexpr u64 junk = u64{0xdead'beef} << 32;
constexpr u32 smc64 = 1U << 30;
constexpr u32 fast_call = 1U << 31;

struct Identifier {
    std::string_view name;
    u32 function;
    u32 answer;
};

constexpr Identifier refused[] = {
    {"VM_CREATED", abi::VmCreated, abi::unknown_function}, {"VM_DESTROYED", abi::VmDestroyed, abi::unknown_function},
    {"GET_SHM_CONFIG", abi::GetShmConfig, abi::ENotAvail}, {"BOOT_SECONDARY", 0xb200'000c, abi::unknown_function},
    {"L2CC_MUTEX", 0xb200'0008, abi::unknown_function},    {"GET_PROTMEM_CONFIG", 0xb200'0014, abi::unknown_function},
    {"LOAD_IMAGE", 0xbf00'0002, abi::unknown_function},    {"watchdog", 0x8200'3d06, abi::unknown_function},
};

constexpr u32 known[] = {
    abi::CallsCount,     abi::CallsUid,       abi::CallsRevision,        abi::GetOsUuid,
    abi::GetOsRevision,  abi::GetShmConfig,   abi::ExchangeCapabilities, abi::DisableShmCache,
    abi::EnableShmCache, abi::GetThreadCount, abi::EnableAsyncNotif,     abi::GetAsyncNotifValue,
    abi::ReturnFromRpc,  abi::CallWithArg,    abi::CallWithRpcArg,       abi::CallWithRegdArg,
};

bool is_known(u32 function) {
    for (const u32 one : known) {
        if (one == function) {
            return true;
        }
    }
    return false;
}

/// With every other VM's name in a7, and arguments that would mean something.
Verdict refuse(Conduit conduit, u32 function, u32 answer) {
    for (u64 vm = 0; vm < 4; ++vm) {
        const CallRegisters after = call(conduit, CallRegisters{function, vm, 0, 0, 0, 0, 0, vm});
        if (static_cast<u32>(after[0]) != answer) {
            return Verdict::bad("{} instead of {} for VM {}", hex(after[0]), hex(answer), vm);
        }
        if (answer == abi::ENotAvail && (after[1] | after[2]) > 3) {
            return Verdict::bad("it tells {} {}", hex(after[1]), hex(after[2]));
        }
    }
    return Verdict::good();
}

/// The honest call with every register that it does not use full of rubbish, and the upper halves of the others.
Verdict call_with_rubbish(u64 vm) {
    first.prepare_open(enumeration);
    CallRegisters registers;
    for (unsigned i = 0; i < registers.size(); ++i) {
        registers[i] = junk | i;
    }
    const u64 place = first.page().address();
    registers[0] = junk | abi::CallWithRpcArg;
    registers[1] = junk | abi::high_half(place);
    registers[2] = junk | abi::low_half(place);
    registers[7] = vm;
    Call open;
    open.rpc = &first.rpc_argument(2);
    open.registers = call(Conduit::Smc, registers);
    for (unsigned i = 4; i < registers.size(); ++i) {
        if (open.registers[i] != registers[i]) {
            return Verdict::bad("x{} came back as {}", i, hex(open.registers[i]));
        }
    }
    HonestSupplicant supplicant;
    const Answer answer = first.answer(supplicant.run(open));
    const u32 session = first.session();
    if (answer.is_good()) {
        (void)first.close(session);
    }
    return expect_result(answer, ok);
}

/// Every function number of every owner of the trusted OS's, or the first and last few of them.
Verdict sweep_owner(u32 owner, u32 form, u32 stride) {
    constexpr u32 numbers = 0x1'0000;
    constexpr u32 edge = 0x40;
    for (u32 number = 0; number < numbers; ++number) {
        const u32 function = form | owner << 24 | number;
        const bool at_edge = number < edge || number >= numbers - 0x100 - edge;
        if (is_known(function) || (!at_edge && number % stride != 0)) {
            continue;
        }
        const u64 answer = call(Conduit::Smc, function);
        if (static_cast<u32>(answer) != abi::unknown_function) {
            return Verdict::bad("{} is answered with {}", hex(function), hex(answer));
        }
    }
    return Verdict::good();
}

} // namespace

void identifiers(std::string_view) {
    for (const Identifier& one : refused) {
        attack("not for guests", one.name, [&] { return refuse(Conduit::Smc, one.function, one.answer); });
        attack("not for guests, by HVC", one.name, [&] { return refuse(Conduit::Hvc, one.function, one.answer); });
        attack("not for guests, as SMC64", one.name,
               [&] { return refuse(Conduit::Smc, one.function | smc64, abi::unknown_function); });
    }
    for (const u32 function : known) {
        attack("no 64-bit form", u64{function},
               [&] { return refuse(Conduit::Smc, function | smc64, abi::unknown_function); });
    }
    for (const u64 vm : {u64{0}, u64{1}, u64{2}, u64{3}, u64{0xffff}, u64{0x1'0001}, ~u64{0}}) {
        attack("another VM's name in x7, rubbish elsewhere", vm, [&] { return call_with_rubbish(vm); });
    }
}

void sweep(std::string_view) {
    constexpr u32 first_owner = 50;
    constexpr u32 last_owner = 63;
    constexpr u32 forms[] = {fast_call, 0, fast_call | smc64, smc64};
    for (u32 owner = first_owner; owner <= last_owner; ++owner) {
        for (const u32 form : forms) {
            const bool whole = form == fast_call && (owner == first_owner || owner == last_owner);
            attack("every identifier of owner", u64{form | owner << 24},
                   [&] { return sweep_owner(owner, form, whole ? 1 : 61); });
        }
    }
}

} // namespace trv::bare::hostile
