#include "l2tp/authentication.hpp"

#include "wire/reader.hpp"

#include <algorithm>
#include <array>

namespace holdfast::l2tp {
namespace {

constexpr std::size_t kChunk = 16;

std::array<std::uint8_t, 2> big_endian(std::uint16_t value) {
  return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

void exclusive_or(MutableOctets chunk, const Md5& mask) {
  for (std::size_t i = 0; i < chunk.size(); ++i) chunk[i] = static_cast<std::uint8_t>(chunk[i] ^ mask[i]);
}

}  // namespace

Md5 challenge_response(MessageType carrier, Octets secret, Octets challenge) {
  const std::array id{static_cast<std::uint8_t>(carrier)};  // one octet, as in CHAP (RFC 1994 4.1)
  return md5({id, secret, challenge});
}

void hide(std::uint16_t attribute, Octets secret, Octets random_vector, MutableOctets subformat) {
  Md5 mask = md5({big_endian(attribute), secret, random_vector});
  while (!subformat.empty()) {
    const auto chunk = subformat.first(std::min(kChunk, subformat.size()));
    exclusive_or(chunk, mask);
    subformat = subformat.subspan(chunk.size());
    if (!subformat.empty()) mask = md5({secret, chunk});
  }
}

std::optional<std::size_t> unhide(std::uint16_t attribute, Octets secret, Octets random_vector, Octets hidden,
                                  MutableOctets out) {
  constexpr std::size_t kLengthField = 2;
  Md5 mask = md5({big_endian(attribute), secret, random_vector});
  std::size_t length = 0;
  // Position 0 is the length field, so octet i of the subformat is octet i - 2 of the value.
  for (std::size_t at = 0; at < hidden.size(); at += kChunk) {
    const auto cipher = hidden.subspan(at, std::min(kChunk, hidden.size() - at));
    if (at != 0) mask = md5({secret, hidden.subspan(at - kChunk, kChunk)});
    std::array<std::uint8_t, kChunk> plain{};
    std::copy(cipher.begin(), cipher.end(), plain.begin());
    exclusive_or(MutableOctets(plain).first(cipher.size()), mask);
    if (at == 0) {
      Reader in(Octets(plain).first(cipher.size()));
      length = in.u16();
      if (!in.ok() || length > hidden.size() - kLengthField || length > out.size()) return std::nullopt;
    }
    const std::size_t from = std::max(at, kLengthField);
    const std::size_t to = std::min(at + cipher.size(), kLengthField + length);
    if (from >= to) break;
    std::copy(plain.begin() + static_cast<std::ptrdiff_t>(from - at),
              plain.begin() + static_cast<std::ptrdiff_t>(to - at),
              out.begin() + static_cast<std::ptrdiff_t>(from - kLengthField));
  }
  if (hidden.empty()) return std::nullopt;
  return length;
}

}  // namespace holdfast::l2tp
