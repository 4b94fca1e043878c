// Hiding of AVP values. Input: the room that the caller has (1 octet), Attribute Type (2), Random Vector (4), the rest
// is a hidden value: whatever it holds, nothing is written beyond the room. Hidden again, a value comes back as it was.
#include "l2tp/authentication.hpp"
#include "wire/reader.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace {

using namespace holdfast;

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Octets secret = octets_of("secret");
  Reader in({data, size});
  std::vector<std::uint8_t> room(in.u8());
  const auto attribute = in.u16();
  const Octets vector = in.take(4);
  const Octets hidden = in.rest();
  if (!in.ok()) return 0;

  const auto length = l2tp::unhide(attribute, secret, vector, hidden, room);
  require(!length || (*length <= room.size() && *length + 2 <= hidden.size()));

  std::vector<std::uint8_t> subformat(hidden.begin(), hidden.end());
  l2tp::hide(attribute, secret, vector, subformat);
  if (hidden.size() < 2) return 0;
  const std::size_t inside = std::size_t{hidden[0]} << 8 | hidden[1];
  std::vector<std::uint8_t> out(hidden.size());
  const auto again = l2tp::unhide(attribute, secret, vector, subformat, out);
  require(again.has_value() == (inside + 2 <= hidden.size()));
  if (again)
    require(*again == inside &&
            std::equal(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(inside), hidden.begin() + 2));
  return 0;
}
