// SPDX-License-Identifier: Apache-2.0
#include "lib/list.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace trv {
namespace {

struct Member {
    int value;
    ListNode<Member> node;
    ListNode<Member> other;
};
using Members = List<Member, &Member::node>;

std::vector<int> values(const Members& list) {
    std::vector<int> found;
    for (const Member* m = list.front(); m != nullptr; m = Members::after(*m)) {
        found.push_back(m->value);
    }
    EXPECT_EQ(found.size(), list.size());
    return found;
}

class ListTest : public testing::Test {
  public:
    Member one{1, {}, {}}, two{2, {}, {}}, three{3, {}, {}};
    Members list;
};

TEST_F(ListTest, KeepsTheOrderOfInsertion) {
    list.push_back(two);
    list.push_back(three);
    list.push_front(one);
    EXPECT_EQ(values(list), (std::vector{1, 2, 3}));
    EXPECT_TRUE(two.node.is_linked());
    EXPECT_FALSE(two.other.is_linked());
}

TEST_F(ListTest, InsertsBeforeAMember) {
    list.push_back(three);
    list.insert_before(&three, one);
    list.insert_before(&three, two);
    EXPECT_EQ(values(list), (std::vector{1, 2, 3}));
    list.remove(three);
    list.insert_before(nullptr, three);
    EXPECT_EQ(values(list), (std::vector{1, 2, 3}));
}

TEST_F(ListTest, LosesMembersAnywhere) {
    for (Member* const gone : {&one, &two, &three}) {
        list.push_back(one);
        list.push_back(two);
        list.push_back(three);
        list.remove(*gone);
        EXPECT_FALSE(gone->node.is_linked());
        EXPECT_EQ(list.size(), 2U);
        list.push_back(*gone);
        EXPECT_EQ(values(list).back(), gone->value) << "the end is known";
        while (list.pop_front() != nullptr) {
        }
    }
}

TEST_F(ListTest, IsEmptyAfterTheLastMember) {
    EXPECT_EQ(list.pop_front(), nullptr);
    list.push_back(one);
    EXPECT_EQ(list.pop_front(), &one);
    EXPECT_TRUE(list.empty());
    EXPECT_EQ(list.front(), nullptr);
    list.push_back(two);
    EXPECT_EQ(values(list), std::vector{2});
}

} // namespace
} // namespace trv
