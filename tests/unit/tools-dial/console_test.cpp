#include "dial/console.hpp"

#include "fixture.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace holdfast::dial::test {
namespace {

using namespace std::chrono_literals;

class ConsoleTest : public ::testing::Test {
 protected:
  std::string said() { return std::exchange(out_, std::ostringstream()).str(); }

  bool done_ = false;
  std::ostringstream out_;
  Console console_{{{"add", "add A B: their sum",
                     [](const Console::Words& words, TimePoint) {
                       return Console::at_once({{"sum", Console::number_in(words, 1) + Console::number_in(words, 2)}});
                     }},
                    {"wait", "wait: until it is done",
                     [this](const Console::Words&, TimePoint) {
                       return [this](TimePoint) -> std::optional<Console::Json> {
                         if (!done_) return std::nullopt;
                         return Console::Json{{"done", true}};
                       };
                     }}},
                   out_};
};

TEST_F(ConsoleTest, AnswersWholeLinesHoweverTheyArrive) {
  console_.feed("add 2", at(0s));
  EXPECT_EQ(said(), "");
  console_.feed(" 3\n\nadd 4\n", at(0s));
  EXPECT_EQ(said(), "{\"command\":\"add\",\"sum\":5}\n{\"command\":\"add\",\"sum\":4}\n");
}

TEST_F(ConsoleTest, AnswersWhatTakesTimeWhenItIsDone) {
  console_.feed("wait\nadd 1 1\n", at(0s));
  EXPECT_EQ(said(), "{\"command\":\"add\",\"sum\":2}\n");
  EXPECT_EQ(console_.next_due(at(1s)), at(1s + 10ms));
  done_ = true;
  console_.run(at(1s));
  EXPECT_EQ(said(), "{\"command\":\"wait\",\"done\":true}\n");
  EXPECT_EQ(console_.next_due(at(1s)), kNever);
}

TEST_F(ConsoleTest, ListsItsCommandsAndRefusesOthers) {
  console_.feed("help\nbogus\n", at(0s));
  EXPECT_EQ(
      said(),
      "{\"command\":\"help\",\"commands\":[\"help: this list\",\"add A B: their sum\",\"wait: until it is done\"]}\n"
      "{\"command\":\"bogus\",\"error\":\"no such command; try help\"}\n");
}

}  // namespace
}  // namespace holdfast::dial::test
