// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/files.hpp"

#include <gtest/gtest.h>

#include <string>

namespace trv::host {

/// The start of an arm64 Image of this many bytes.
inline std::string image_of(std::size_t size) {
    std::string image(size, '\0');
    image[16] = '\0';
    image[17] = '\x10';
    image.replace(0x38, 4, "ARM\x64");
    return image;
}

/// A folder with files of a host.
class HostFolder : public testing::Test {
  protected:
    std::filesystem::path put(const std::string& name, std::string_view content) {
        const auto path = folder_.path() / name;
        EXPECT_TRUE(tool::write_file(path, content));
        return path;
    }
    [[nodiscard]] const std::filesystem::path& root() const { return folder_.path(); }

  private:
    tool::TemporaryFolder folder_ = *tool::TemporaryFolder::create(std::filesystem::temp_directory_path(), "host");
};

} // namespace trv::host
