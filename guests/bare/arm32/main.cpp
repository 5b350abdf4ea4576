// SPDX-License-Identifier: Apache-2.0
// An OP-TEE client in AArch32, of which Debian's 32-bit kernels have none: the client of guests/bare/hostile, whose calls
// are SMC32 throughout, by an SMC instruction of A32 or T32.

#include "guest/layout.hpp"
#include "guests/bare/arm32/report.hpp"
#include "guests/bare/hostile/client.hpp"

extern "C" void arm32_smc_t32(trv::u64* registers);

namespace trv::bare::arm32 {
namespace {

using hostile::Answer;
using hostile::first;
using hostile::Form;
using hostile::Page;

namespace abi = tee::optee::abi;

constexpr u32 smc64 = 1U << 30;
constexpr u64 data_cookie = 0xda7a'0000;

constinit Page data{};
constinit Page list{};

bool is_uid(const CallRegisters& answer) {
    return answer[0] == abi::uid[0] && answer[1] == abi::uid[1] && answer[2] == abi::uid[2] && answer[3] == abi::uid[3];
}

void probe() {
    CallRegisters registers{abi::CallsUid, 0, 0, 0, 0x4444, 0x5555, 0x6666, 0x7777};
    const CallRegisters uid = call(Conduit::Smc, registers);
    check("CALLS_UID by SMC of A32 is OP-TEE's", is_uid(uid), uid[0]);
    check("r4 to r7 are unchanged", uid[4] == 0x4444 && uid[5] == 0x5555 && uid[6] == 0x6666 && uid[7] == 0x7777,
          uid[4]);
    arm32_smc_t32(registers.data());
    check("CALLS_UID by SMC of T32 is OP-TEE's", is_uid(registers), registers[0]);
    const CallRegisters revision = call(Conduit::Smc, CallRegisters{abi::CallsRevision});
    check("CALLS_REVISION is 2.0", revision[0] == abi::revision_major && revision[1] == abi::revision_minor,
          revision[0]);
    const u64 wide = call(Conduit::Smc, abi::CallsRevision | smc64);
    check("the 64-bit form does not exist", wide == abi::unknown_function, wide);
    const u64 reserved = call(Conduit::Smc, abi::GetShmConfig);
    check("GET_SHM_CONFIG: OP-TEE's reserved memory is not for guests", reserved == abi::ENotAvail, reserved);
    const CallRegisters capabilities =
        call(Conduit::Smc, CallRegisters{abi::ExchangeCapabilities, abi::NsecUniprocessor});
    constexpr u64 offered = abi::CapDynamicShm | abi::CapRpcArg | abi::CapMemrefNull;
    check("EXCHANGE_CAPABILITIES", capabilities[0] == abi::Ok && (capabilities[1] & offered) == offered,
          capabilities[1]);
}

/// The higher word of a code that the call itself returned, or the result that OP-TEE wrote.
void must_work(std::string_view step, const Answer& answer) {
    check(step, answer.is_good(), u64{answer.code} << 32 | answer.ret);
}

/// Lists the pseudo applications: their UUIDs are the result.
void use(Form form, std::string_view open, std::string_view invoke, std::string_view close) {
    must_work(open, first.open(hostile::enumeration, form));
    const u32 session = first.session();
    data.words.fill(0);
    const Answer answer = first.invoke(session, data_cookie, 0, page_size, form);
    const u64 size = first.argument().params[0].b;
    check(invoke, answer.is_good() && size != 0 && size % sizeof(tee::optee::Uuid) == 0 && data.words[0] != 0,
          u64{answer.code} << 32 | answer.ret);
    must_work(close, first.close(session, form));
}

void work() {
    must_work("REGISTER_SHM of the arguments", first.register_page(first.cookie(), first.page(), list));
    must_work("REGISTER_SHM of data", first.register_page(data_cookie, data, list));
    use(Form::Arg, "OPEN by CALL_WITH_ARG", "INVOKE by CALL_WITH_ARG", "CLOSE by CALL_WITH_ARG");
    use(Form::RpcArg, "OPEN by CALL_WITH_RPC_ARG", "INVOKE by CALL_WITH_RPC_ARG", "CLOSE by CALL_WITH_RPC_ARG");
    use(Form::RegdArg, "OPEN by CALL_WITH_REGD_ARG", "INVOKE by CALL_WITH_REGD_ARG", "CLOSE by CALL_WITH_REGD_ARG");
    const Answer answer = first.open(hostile::nowhere);
    check("an application that does not exist: OP-TEE asks for it", answer.ret == hostile::item_not_found, answer.ret);
    must_work("UNREGISTER_SHM of data", first.unregister(data_cookie));
    must_work("UNREGISTER_SHM of the arguments", first.unregister(first.cookie()));
}

void refuse(std::string_view name, u64 place) {
    first.prepare_open(hostile::enumeration);
    const u32 code = hostile::begin(Form::Arg, place, 0, nullptr).code();
    check(name, code == abi::EBadAddr, code);
}

void attack() {
    constexpr u64 own_memory = 32 * MiB;
    refuse("an argument in a device is refused", guest::console_base.value);
    refuse("an argument in secure memory is refused", 0x0e10'0000);
    refuse("an argument behind the own memory is refused", guest::ram_base.value + own_memory);
    refuse("an argument of the hypervisor's is refused", 0x6000'0000);
    refuse("an argument above 4 GiB is refused", first.page().address() | u64{1} << 32);
    refuse("an argument that is not at a page's start is refused", first.page().address() + 8);
}

} // namespace

extern "C" [[noreturn]] void arm32_main() {
    probe();
    work();
    attack();
    must_work("afterwards a session opens", first.open(hostile::enumeration));
    must_work("and closes", first.close(first.session()));
    end();
}

} // namespace trv::bare::arm32
