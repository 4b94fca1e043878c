// From the value that a command has for an answer to the text that goes to the terminal.
#pragma once

#include "cli/command.hpp"
#include "cli/documents.hpp"

#include <string>

namespace holdfast::cli {

// The body of the answer, its last line ended: JSON if the command asks for it, else text() in as much detail as it
// asks for. document: of the alternative that belongs to the command, and holding only what it named (one tunnel, one
// user). Where that is nothing the text says so ("No tunnel 7."), and the JSON has an empty list.
std::string answer(const Command& command, const Document& document);

// Tables and sentences in ASCII; whatever peers or subscribers put into names can't reach the terminal as control
// characters.
std::string text(const Command& command, const Document& document);

// One object, indented by two. Octets that are not UTF-8 become U+FFFD.
std::string json(const Document& document);

}  // namespace holdfast::cli
