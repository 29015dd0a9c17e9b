#include "compiler-emit/convert.h"

#include <zstd.h>

#include "base/text.h"
#include "compiler-emit/byte_sink.h"
#include "compiler-emit/from_goobj.h"
#include "compiler-emit/to_goobj.h"
#include "objfmt/archive.h"
#include "objfmt/dense/view.h"
#include "objfmt/goobj/layout.h"
#include "objfmt/object_text.h"

namespace dovetail::emit {
namespace {

// Counts up whenever the bytes that are written for an object change.
constexpr int kConverterVersion = 2;

constexpr uint64_t kHeaderSize = 60, kSizeAt = 48, kSizeLength = 10;

// Where the binary part of an object begins; 0 if this is none of Go's.
size_t end_of_text(base::Bytes contents) {
  std::string_view text = base::as_text(contents);
  return text.starts_with(objfmt::kObjectTextStart) ? objfmt::end_of_object_text(text).value_or(0) : 0;
}

bool is_goobj(base::Bytes object) {
  return base::as_text(object).starts_with(std::string_view(objfmt::goobj::kMagic, 8));
}

class Converter {
 public:
  explicit Converter(const ConvertOptions& options) : options_(options) {}

  absl::StatusOr<Converted> run(base::Bytes file) {
    absl::Status s = objfmt::is_archive(file) ? convert_archive(file) : convert_contents(file, false);
    if (!s.ok()) return s;
    return std::move(out_);
  }

 private:
  // Appends an object in the wanted format, or anything else as it is.
  absl::Status convert_contents(base::Bytes contents, bool keep_parity) {
    size_t begin = end_of_text(contents);
    base::Bytes object = contents.subspan(begin);
    bool dense = objfmt::dense::is_dense(object);
    bool convert = begin != 0 && (options_.to == ObjectFormat::kDense ? is_goobj(object) : dense);
    if (!convert) return put_bytes(out_.bytes, contents), absl::OkStatus();
    absl::StatusOr<std::vector<uint8_t>> bytes =
        dense ? goobj_from_dense(without_filler(object)) : dense_from_goobj(object, options_.compress_cold);
    if (!bytes.ok()) return bytes.status();
    put_bytes(out_.bytes, contents.first(begin));
    put_bytes(out_.bytes, *bytes);
    if (keep_parity && !dense && (bytes->size() ^ object.size()) & 1) out_.bytes.push_back(0);
    out_.objects++;
    return absl::OkStatus();
  }
  static base::Bytes without_filler(base::Bytes object) {
    bool filler = object.size() >= objfmt::dense::kHeaderSize && object.back() == 0 &&
                  base::load32(&object[objfmt::dense::kSizeAt]) + uint64_t{1} == object.size();
    return filler ? object.first(object.size() - 1) : object;
  }

  absl::Status convert_archive(base::Bytes file) {
    objfmt::ArchiveReader reader(file);
    uint64_t end = objfmt::kArchiveHeadSize - kHeaderSize;
    put_bytes(out_.bytes, file.first(end));
    while (std::optional<objfmt::ArchiveMember> member = reader.next()) {
      if (reader.truncated())
        return absl::InvalidArgumentError(
            base::concat(member->name, ": member runs beyond the end of the archive"));
      uint64_t header = member->offset - kHeaderSize;
      if (odd()) out_.bytes.push_back(header > end ? file[end] : 0);
      size_t at = out_.bytes.size();
      put_bytes(out_.bytes, file.subspan(header, kHeaderSize));
      if (absl::Status s = convert_contents(member->contents, true); !s.ok()) {
        return absl::InvalidArgumentError(base::concat(member->name, ": ", s.message()));
      }
      uint64_t size = out_.bytes.size() - at - kHeaderSize;
      if (size != member->size) set_size(at, size);
      end = member->offset + member->size;
    }
    uint64_t rest = file.size() - end;
    if (rest > 1) return absl::InvalidArgumentError(base::concat("offset ", end, ": no header of a member"));
    bool even_before = end % 2 == 0;
    if (rest == 1 && (even_before || odd()))
      out_.bytes.push_back(file[end]);
    else if (rest == 0 && even_before && odd())
      out_.bytes.push_back(0);
    return absl::OkStatus();
  }
  bool odd() const { return out_.bytes.size() % 2 != 0; }
  void set_size(size_t header, uint64_t size) {
    std::string text = std::to_string(size);
    text.resize(kSizeLength, ' ');
    std::copy(text.begin(), text.end(), out_.bytes.begin() + static_cast<ptrdiff_t>(header + kSizeAt));
  }

  const ConvertOptions& options_;
  Converted out_;
};

}  // namespace

absl::StatusOr<Converted> convert_file(base::Bytes file, const ConvertOptions& options) {
  return Converter(options).run(file);
}

std::string converter_version() {
  return base::concat("dovetail-dense=", objfmt::dense::kVersion, ".", kConverterVersion, "-zstd",
                      ZSTD_versionString());
}

}  // namespace dovetail::emit
