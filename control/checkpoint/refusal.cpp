#include "checkpoint/refusal.hpp"

namespace holdfast::checkpoint {

std::string_view name(Refusal refusal) {
  switch (refusal) {
    case Refusal::none: return "none";
    case Refusal::missing: return "missing";
    case Refusal::unreadable: return "unreadable";
    case Refusal::not_ours: return "not-ours";
    case Refusal::in_use: return "in-use";
    case Refusal::too_short: return "too-short";
    case Refusal::bad_magic: return "bad-magic";
    case Refusal::not_ready: return "not-ready";
    case Refusal::other_format: return "other-format";
    case Refusal::other_major_version: return "other-major-version";
    case Refusal::bad_header_crc: return "bad-header-crc";
    case Refusal::wrong_size: return "wrong-size";
    case Refusal::other_layout: return "other-layout";
    case Refusal::other_boot: return "other-boot";
    case Refusal::other_capacity: return "other-capacity";
    case Refusal::bad_redo: return "bad-redo";
  }
  return "unknown";
}

std::string_view meaning(Refusal refusal) {
  switch (refusal) {
    case Refusal::none: return "it is sound";
    case Refusal::missing: return "there is no such file";
    case Refusal::unreadable: return "it is no regular file, or may not be read";
    case Refusal::not_ours: return "it belongs to another user, or others may write it";
    case Refusal::in_use: return "another process writes it";
    case Refusal::too_short: return "it is too short for a checkpoint";
    case Refusal::bad_magic: return "it is not a checkpoint";
    case Refusal::not_ready: return "its creation was not finished";
    case Refusal::other_format: return "its format is that of another version";
    case Refusal::other_major_version: return "its records are of another version";
    case Refusal::bad_header_crc: return "its header is damaged";
    case Refusal::wrong_size: return "it was cut or lengthened";
    case Refusal::other_layout: return "its records are laid out in another way";
    case Refusal::other_boot: return "it was written before the system was started";
    case Refusal::other_capacity: return "it is made for other numbers of tunnels and sessions";
    case Refusal::bad_redo: return "its last transaction is damaged";
  }
  return "unknown";
}

}  // namespace holdfast::checkpoint
