// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/tables/policy.hpp"

#include <algorithm>

namespace trv::tee::optee {

Verdict judge(const PolicyConfig& policy, const Uuid& application) {
    const auto lists = [&](const auto& list) { return std::find(list.begin(), list.end(), application) != list.end(); };
    if (lists(policy.deny)) {
        return Verdict::Deny;
    }
    if (lists(policy.allow)) {
        return Verdict::Allow;
    }
    // These two reach beyond the VM's own partition, so a default of "allow" does not include them.
    if (application == invoke_tests_pta || application == stats_pta) {
        return Verdict::Deny;
    }
    return policy.otherwise;
}

} // namespace trv::tee::optee
