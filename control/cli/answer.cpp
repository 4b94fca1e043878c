#include "cli/answer.hpp"

#include "cli/text.hpp"

namespace holdfast::cli {

std::string answer(const Command& command, const Document& document) {
  return command.json ? json(document) : text(command, document);
}

std::string text(const Command& command, const Document& document) {
  return std::visit([&](const auto& alternative) { return text_of(alternative, command); }, document);
}

}  // namespace holdfast::cli
