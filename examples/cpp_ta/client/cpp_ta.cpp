// SPDX-License-Identifier: Apache-2.0
// The client application: adds up the numbers on its command line in the trusted application.

#include <cpp_ta.h>
#include <tee_client_api.h>

#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <span>

namespace {

/// A connection to OP-TEE with a session of our trusted application; closes both.
class Session {
  public:
    [[nodiscard]] TEEC_Result open() {
        const TEEC_UUID uuid = CPP_TA_UUID;
        if (const TEEC_Result result = TEEC_InitializeContext(nullptr, &context_); result != TEEC_SUCCESS) {
            return result;
        }
        connected_ = true;
        const TEEC_Result result =
            TEEC_OpenSession(&context_, &session_, &uuid, TEEC_LOGIN_PUBLIC, nullptr, nullptr, nullptr);
        opened_ = result == TEEC_SUCCESS;
        return result;
    }
    Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() {
        if (opened_) {
            TEEC_CloseSession(&session_);
        }
        if (connected_) {
            TEEC_FinalizeContext(&context_);
        }
    }

    [[nodiscard]] TEEC_Result invoke(uint32_t command, TEEC_Operation& operation) {
        return TEEC_InvokeCommand(&session_, command, &operation, nullptr);
    }

  private:
    TEEC_Context context_{};
    TEEC_Session session_{};
    bool connected_ = false;
    bool opened_ = false;
};

TEEC_Result add(Session& session, uint32_t number) {
    TEEC_Operation operation{};
    operation.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INPUT, TEEC_NONE, TEEC_NONE, TEEC_NONE);
    operation.params[0].value.a = number;
    return session.invoke(CPP_TA_ADD, operation);
}

TEEC_Result report(Session& session) {
    std::array<unsigned char, CPP_TA_DIGEST_SIZE> digest{};
    TEEC_Operation operation{};
    operation.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_OUTPUT, TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE);
    operation.params[1].tmpref = {.buffer = digest.data(), .size = digest.size()};
    const TEEC_Result result = session.invoke(CPP_TA_REPORT, operation);
    if (result == TEEC_SUCCESS) {
        const auto& totals = operation.params[0].value;
        std::printf("%" PRIu32 " numbers, sum %" PRIu32 "\nsha256 ", totals.a, totals.b);
        for (const unsigned char byte : digest) {
            std::printf("%02x", byte);
        }
        std::printf("\n");
    }
    return result;
}

TEEC_Result run(std::span<char*> numbers) {
    Session session;
    TEEC_Result result = session.open();
    for (char* const number : numbers) {
        if (result == TEEC_SUCCESS) {
            result = add(session, static_cast<uint32_t>(std::strtoul(number, nullptr, 0)));
        }
    }
    return result == TEEC_SUCCESS ? report(session) : result;
}

} // namespace

int main(int count, char** arguments) {
    const TEEC_Result result = run(std::span(arguments, static_cast<std::size_t>(count)).subspan(1));
    if (result != TEEC_SUCCESS) {
        std::fprintf(stderr, "cpp_ta: failed with 0x%08" PRIx32 "\n", result);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
