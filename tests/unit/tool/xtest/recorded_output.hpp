// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace trv::tool::xtest {

/// `xtest 1001`, as Debian's optee-test 4.5 prints it; the kernel's message was put in.
inline constexpr std::string_view recorded_success = R"(Test ID: 1001
Run test suite with level=0

TEE test application started over default TEE instance
######################################################
#
# regression+pkcs11
#
######################################################
 
* regression_1001 Core self tests
o regression_1001.1 Core self tests
[   12.345678] hrtimer: interrupt took 20103568 ns
  regression_1001.1 OK
o regression_1001.2 Core dt_driver self tests
  regression_1001.2 OK
  regression_1001 OK
 
* pkcs11_1001 PKCS11: List PKCS#11 slots and get information from
o pkcs11_1001.1 Test C_GetFunctionList()
  pkcs11_1001.1 OK
  pkcs11_1001 OK
+-----------------------------------------------------
Result of testsuite regression+pkcs11 filtered by "1001":
regression_1001 OK
pkcs11_1001 OK
+-----------------------------------------------------
731 subtests of which 0 failed
2 test cases of which 0 failed
137 test cases were skipped
TEE test application done!
)";

/// `xtest 1006 1008` in a guest without test TAs, shortened.
inline constexpr std::string_view recorded_failure = R"(Test ID: 1006
Test ID: 1008
Run test suite with level=0

TEE test application started over default TEE instance
######################################################
#
# regression+pkcs11
#
######################################################
 
* regression_1006 Test Basic OS features
./host/xtest/regression_1000.c:618: xtest_teec_open_session(&session) has an unexpected value: 0xffff0008
  regression_1006 FAILED
 
* regression_1008 TEE internal client API
o regression_1008.1 Invoke command
./host/xtest/regression_1000.c:786: xtest_teec_open_session(&session) has an unexpected value: 0xffff0008
  regression_1008.1 FAILED
  regression_1008 FAILED
+-----------------------------------------------------
Result of testsuite regression+pkcs11 filtered by "1006":
Result of testsuite regression+pkcs11 filtered by "1008":
regression_1006 FAILED first error at ./host/xtest/regression_1000.c:618
regression_1008.1 FAILED first error at ./host/xtest/regression_1000.c:786
regression_1008 FAILED
+-----------------------------------------------------
36 subtests of which 26 failed
2 test cases of which 2 failed
137 test cases were skipped
TEE test application done!
)";

} // namespace trv::tool::xtest
