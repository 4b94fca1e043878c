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

}  // namespace holdfast::checkpoint
