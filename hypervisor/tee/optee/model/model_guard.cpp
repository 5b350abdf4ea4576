// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/model/model_guard.hpp"

#include "lib/log.hpp"
#include "tee/optee/config.hpp"

#include <new>

namespace trv::tee::optee {
namespace {

constinit ModelGuard the_guard;

void stop_at(Model::Violation violation) {
    if (violation != nullptr) {
        panic(violation);
    }
}

} // namespace

ModelGuard& model_guard() {
    return the_guard;
}

Result<void> start_model_guard(PaRange arena, memory::FrameTable& frames) {
    Model* const model = new (std::nothrow) Model(frames, arena); // for as long as the machine runs
    if (model == nullptr) {
        return fail(Error::NoMemory);
    }
    model->set_map_budget(Quotas::most_core_mapped_pages); // a machine description may only make it smaller
    the_guard.start(*model);
    log("the model checks each entry into OP-TEE");
    return {};
}

void ModelGuard::start(Model& model) {
    const Guard guard(lock_);
    model_ = &model;
}

void ModelGuard::bind(u16 id, memory::FrameOwner owner) {
    const Guard guard(lock_);
    model_->bind(id, owner);
}

arch::SmcResult ModelGuard::enter(const arch::SmcArguments& smc) {
    Model::Entry entry;
    {
        const Guard guard(lock_);
        if (model_ != nullptr) {
            entry = model_->enter(smc);
        }
    }
    stop_at(entry.violation);
    const arch::SmcResult result = arch::smc(smc);
    Model::Violation violation = nullptr;
    {
        const Guard guard(lock_);
        if (model_ != nullptr) {
            violation = model_->leave(smc, result, entry.call);
        }
    }
    stop_at(violation);
    return result;
}

} // namespace trv::tee::optee
