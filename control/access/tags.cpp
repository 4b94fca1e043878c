#include "access/tags.hpp"

#include "wire/reader.hpp"

#include <algorithm>
#include <array>

namespace holdfast::access {
namespace {

constexpr std::size_t kAny = 0xffff;

// What a standard says of a tag's length. Those that are not here may have any.
struct TagSpec {
  TagType type;
  std::size_t min_length;
  std::size_t max_length;
};
constexpr std::array kTags{
    TagSpec{TagType::end_of_list, 0, 0},         // RFC 2516 appendix A
    TagSpec{TagType::vendor_specific, 4, kAny},  // RFC 2516 appendix A: the vendor's number
    TagSpec{TagType::ppp_max_payload, 2, 2},     // RFC 4638
};
static_assert(std::ranges::is_sorted(kTags, {}, &TagSpec::type));

struct LineTagSpec {
  LineTagType type;
  std::size_t min_length;
  std::size_t max_length;
};
constexpr std::array kLineTags{
    LineTagSpec{LineTagType::agent_circuit_id, 0, 63},            // RFC 4679 3.3.1
    LineTagSpec{LineTagType::agent_remote_id, 0, 63},             // RFC 4679 3.3.2
    LineTagSpec{LineTagType::actual_data_rate_upstream, 4, 4},    // RFC 4679 3.3.3
    LineTagSpec{LineTagType::actual_data_rate_downstream, 4, 4},  // RFC 4679 3.3.4
};
static_assert(std::ranges::is_sorted(kLineTags, {}, &LineTagSpec::type));

template <class Specs, class Type>
bool length_fits(const Specs& specs, Type type, std::size_t length) {
  for (const auto& spec : specs)
    if (spec.type == type) return length >= spec.min_length && length <= spec.max_length;
  return true;
}

using Nothing = std::optional<TagError>;  // nothing went wrong

void keep_first(std::optional<Octets>& place, Octets value) {
  if (!place) place = value;
}

void keep_first(Octets& place, Octets value) {
  if (place.empty()) place = value;
}

void keep_first(std::uint32_t& place, Octets value) {
  if (place == 0) place = Reader(value).u32();
}

void keep(Tags& tags, LineTagType type, Octets value) {
  switch (type) {
    case LineTagType::agent_circuit_id: return keep_first(tags.agent_circuit_id, value);
    case LineTagType::agent_remote_id: return keep_first(tags.agent_remote_id, value);
    case LineTagType::actual_data_rate_upstream: return keep_first(tags.rate_upstream, value);
    case LineTagType::actual_data_rate_downstream: return keep_first(tags.rate_downstream, value);
  }
}

// The rest of a Vendor-Specific tag of the DSL Forum: a type and a length of one octet each.
Nothing read_line_tags(Tags& tags, Reader r) {
  while (r.left() != 0) {
    const auto type = static_cast<LineTagType>(r.u8());
    const std::size_t length = r.u8();
    if (!r.ok()) return TagError::tag_truncated;
    const Octets value = r.take(length);
    if (!r.ok()) return TagError::tag_overruns;
    if (!length_fits(kLineTags, type, length)) return TagError::tag_wrong_length;
    keep(tags, type, value);
  }
  return {};
}

Nothing keep(Tags& tags, TagType type, Octets value) {
  Reader r(value);
  switch (type) {
    case TagType::end_of_list: break;
    case TagType::service_name: keep_first(tags.service_name, value); break;
    case TagType::ac_name: keep_first(tags.ac_name, value); break;
    case TagType::host_uniq: keep_first(tags.host_uniq, value); break;
    case TagType::ac_cookie: keep_first(tags.ac_cookie, value); break;
    case TagType::vendor_specific:
      if (r.u32() == kDslForum) return read_line_tags(tags, r);
      break;
    case TagType::relay_session_id: keep_first(tags.relay_session_id, value); break;
    case TagType::ppp_max_payload:
      if (!tags.max_payload) tags.max_payload = r.u16();
      break;
    case TagType::service_name_error: keep_first(tags.service_name_error, value); break;
    case TagType::ac_system_error: keep_first(tags.ac_system_error, value); break;
    case TagType::generic_error: keep_first(tags.generic_error, value); break;
  }
  return {};
}

}  // namespace

Result<Tags, TagError> parse_tags(Octets octets) {
  Tags tags;
  Reader r(octets);
  while (r.left() != 0) {
    const auto type = static_cast<TagType>(r.u16());
    const std::size_t length = r.u16();
    if (!r.ok()) return fail(TagError::tag_truncated);
    const Octets value = r.take(length);
    if (!r.ok()) return fail(TagError::tag_overruns);
    if (!length_fits(kTags, type, length)) return fail(TagError::tag_wrong_length);
    if (type == TagType::end_of_list) break;
    if (const auto wrong = keep(tags, type, value)) return fail(*wrong);
  }
  return tags;
}

}  // namespace holdfast::access
