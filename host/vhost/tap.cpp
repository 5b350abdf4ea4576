// SPDX-License-Identifier: Apache-2.0
// Source: [linux/if_tun.h], [netdevice(7)], [capset(2)].
#include "host/vhost/tap.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace trv::host::vhost {

namespace {

constexpr const char* tun = "/dev/net/tun";
constexpr const char* name_pattern = "trivisor%d"; // the kernel chooses the number

ifreq request_for(const std::string& name) {
    ifreq request{};
    name.copy(request.ifr_name, sizeof request.ifr_name - 1);
    return request;
}

/// A bridge without an address of its own takes the lowest one of its ports: this one is higher than any card's, so that the
/// bridge keeps its address when VMs come and go.
tool::Result<void> raise_address(int socket, const std::string& name) {
    constexpr char highest = static_cast<char>(0xfe); // of one card, and not of a manufacturer's [IEEE 802c]
    ifreq address = request_for(name);
    if (::ioctl(socket, SIOCGIFHWADDR, &address) != 0) {
        return tool::system_failure(name, "has no address");
    }
    address.ifr_hwaddr.sa_data[0] = highest;
    return ::ioctl(socket, SIOCSIFHWADDR, &address) == 0 ? tool::Result<void>{}
                                                         : tool::system_failure(name, "does not take an address");
}

tool::Result<void> give_up_capabilities() {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
    // Other processes of its user serve other VMs, and must not look into this one [ptrace(2)].
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 ||
        ::syscall(SYS_capset, &header, none.data()) != 0 || ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        return tool::system_failure("capabilities", "cannot be given up");
    }
    return {};
}

} // namespace

tool::Result<tool::FileDescriptor> open_tap(const std::string& bridge) {
    tool::FileDescriptor tap{::open(tun, O_RDWR | O_CLOEXEC | O_NONBLOCK)};
    const tool::FileDescriptor socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)}; // to ask the kernel
    ifreq device = request_for(name_pattern);
    device.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
    int header_size = 12; // of packets of a device of version 1 [virtio 1.3, 5.1.6]
    if (!tap || !socket || ::ioctl(tap.get(), TUNSETIFF, &device) != 0 ||
        ::ioctl(tap.get(), TUNSETVNETHDRSZ, &header_size) != 0) {
        return tool::system_failure(tun, "no tap device can be made");
    }
    ifreq index = request_for(device.ifr_name);
    ifreq port = request_for(bridge);
    if (::ioctl(socket.get(), SIOCGIFINDEX, &index) != 0) {
        return tool::system_failure(device.ifr_name, "has no number");
    }
    TRY(raise_address(socket.get(), device.ifr_name));
    port.ifr_ifindex = index.ifr_ifindex;
    if (::ioctl(socket.get(), SIOCBRADDIF, &port) != 0) {
        return tool::system_failure(bridge, "a VM's network card cannot be added to this bridge",
                                    "Make it: ip link add NAME type bridge; ip link set NAME up.");
    }
    ifreq up = request_for(device.ifr_name);
    up.ifr_flags = IFF_UP;
    if (::ioctl(socket.get(), SIOCSIFFLAGS, &up) != 0) {
        return tool::system_failure(device.ifr_name, "cannot be switched on");
    }
    TRY(give_up_capabilities());
    return tap;
}

} // namespace trv::host::vhost
