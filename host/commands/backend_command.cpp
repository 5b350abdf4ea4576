// SPDX-License-Identifier: Apache-2.0
#include "host/commands/definitions.hpp"
#include "host/vhost/backend_server.hpp"
#include "host/vhost/kernel_worker.hpp"
#include "host/vhost/random_worker.hpp"
#include "host/vhost/tap.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <memory>

namespace trv::host::commands {

namespace {

struct Written {
    std::string bridge{};
    std::string socket{};
};

tool::Result<int> serve_net(const Written& written) {
    const auto tap = TRY(vhost::open_tap(written.bridge));
    TRY(vhost::serve_connections(written.socket, [&] { return vhost::make_kernel_net(tap.get()); }));
    return 0;
}

struct VsockWritten {
    std::uint32_t cid = 0;
    std::string socket{};
};

tool::Result<int> serve_vsock(const VsockWritten& written) {
    TRY(vhost::serve_connections(written.socket, [&] { return vhost::make_kernel_vsock(written.cid); }));
    return 0;
}

tool::Result<int> serve_rng(const std::string& socket) {
    TRY(vhost::serve_connections(socket, vhost::make_random_worker));
    return 0;
}

} // namespace

void add_backend(CLI::App& app, Action& action) {
    CLI::App* backend = app.add_subcommand("backend", "Serve one device of a VM: what create does in a sandbox");
    backend->require_subcommand(1);
    const auto written = std::make_shared<Written>();
    CLI::App* net = backend->add_subcommand("net", "Connect a network card with a bridge, by the kernel's vhost-net");
    net->add_option("BRIDGE", written->bridge, "The bridge")->required();
    net->add_option("SOCKET", written->socket, "Where to listen for the frontend")->required();
    net->callback([&action, written] { action = [written](const consoles::Connect&) { return serve_net(*written); }; });

    const auto vsock_written = std::make_shared<VsockWritten>();
    CLI::App* vsock = backend->add_subcommand("vsock", "Connect sockets of a VM, by the kernel's vhost-vsock");
    vsock->add_option("CID", vsock_written->cid, "The VM's address")->required();
    vsock->add_option("SOCKET", vsock_written->socket, "Where to listen for the frontend")->required();
    vsock->callback([&action, vsock_written] {
        action = [vsock_written](const consoles::Connect&) { return serve_vsock(*vsock_written); };
    });

    const auto rng_socket = std::make_shared<std::string>();
    CLI::App* rng = backend->add_subcommand("rng", "Give a VM random numbers of the host's kernel");
    rng->add_option("SOCKET", *rng_socket, "Where to listen for the frontend")->required();
    rng->callback(
        [&action, rng_socket] { action = [rng_socket](const consoles::Connect&) { return serve_rng(*rng_socket); }; });
}

} // namespace trv::host::commands
