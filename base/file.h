// The files of one link: inputs mapped read-only, one output that appears whole
// or not at all. The operating system's file calls are made here alone.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"

namespace dovetail::base {

// Address space in which files are mapped one behind another. Giving pages back makes every processor of the
// process forget its translations, which costs more than the pages do: what lies together goes in one call.
//
// Linux bounds how many mappings a process has (vm.max_map_count, 65,530 unless somebody changed it), and then refuses
// memory of any kind. So files behind the first `most_mapped` are copied into one unnamed file in memory, whose
// mappings beside one another are one to the system.
class AddressSpace {
 public:
  static constexpr uint32_t kMostMapped = 1 << 15;

  AddressSpace() = default;
  // Without it (a limit forbids it, say) files are mapped wherever the system likes.
  explicit AddressSpace(uint64_t bytes, uint32_t most_mapped = kMostMapped);
  AddressSpace(AddressSpace&& other) noexcept { *this = std::move(other); }
  AddressSpace& operator=(AddressSpace&& other) noexcept;
  ~AddressSpace();
  // A place for a file of so many bytes, on a page of its own; nullptr when there is none left. One thread at a time.
  void* take(uint64_t bytes);
  bool holds(const void* p) const { return p >= begin_ && p < begin_ + size_; }

 private:
  friend class OpenedFile;
  uint8_t* begin_ = nullptr;
  uint64_t size_ = 0, used_ = 0;
  uint32_t left_to_map_ = 0;
  uint8_t* copied_from_ = nullptr;  // files from this place on are copied; nullptr: none yet
  int copies_ = -1;                 // the file in memory, which begins with what is at copied_from_
};

// How much memory of this process is resident; 0 if the system does not say.
struct Resident {
  uint64_t all() const { return heap + file; }
  uint64_t heap = 0, file = 0;  // of its own, and of mapped files
};
Resident resident_memory();
// How many pages of a mapping that hold some of these bytes are in this process's page tables.
uint64_t resident_pages(Bytes mapped);

// A private read-only mapping of a whole file. Not unmapped before exit unless
// the object is destroyed.
class MappedFile {
 public:
  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept { *this = std::move(other); }
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  // The error's message is the system's own text, as Go's os package words it
  // ("no such file or directory").
  static absl::StatusOr<MappedFile> open(const std::string& path, AddressSpace* space = nullptr);

  Bytes bytes() const { return {data_, size_}; }
  // Gives the pages inside [begin, end) back to the page cache; they may be read again.
  static void drop(Bytes range);

 private:
  friend class OpenedFile;
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

// A file between its opening and its mapping: for those who open and map many on several threads, but want them to
// lie in an order of their own. Errors are worded as MappedFile's.
class OpenedFile {
 public:
  OpenedFile() = default;
  OpenedFile(OpenedFile&& other) noexcept { *this = std::move(other); }
  OpenedFile& operator=(OpenedFile&& other) noexcept;
  ~OpenedFile();

  static absl::StatusOr<OpenedFile> open(const std::string& path);
  uint64_t size() const { return size_; }
  // Its first bytes, as many as there are, by a system call: no page of a mapping becomes resident.
  Bytes read_head(MutableBytes buffer) const;
  // Of the whole file, where the system likes.
  absl::StatusOr<MappedFile> map() const { return map_at(nullptr, fd_, 0); }
  // At a place from space.take(size()), or where the system likes if that is null.
  absl::StatusOr<MappedFile> map(const AddressSpace& space, void* place) const;

 private:
  absl::StatusOr<MappedFile> map_at(void* place, int fd, uint64_t offset) const;
  int fd_ = -1;
  uint64_t size_ = 0;
};

// Where a pass puts bytes: at an offset of the output, from any thread.
using Sink = absl::FunctionRef<void(uint64_t offset, Bytes bytes)>;

// The output. A regular file at the path is removed when the link begins; the new
// one is built without a name (O_TMPFILE, else under a temporary name beside it)
// and gets its name in commit(). Anything else there (symlink, FIFO, device) is
// written through. If commit() is not reached, nothing is left.
//
// Bytes are written by system calls out of buffers that are used again, not into a mapping: the first touch of
// a mapped page costs as much as copying four, has the system read zeros into it first, and counts as memory.
class OutputFile {
 public:
  OutputFile() = default;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  absl::Status open(const std::string& path);
  // Gives back what the system keeps of the file that this one takes the place of, whose name is gone: for a large one
  // that takes a while.
  void free_replaced();
  // Provides for `size` bytes, zero until they are written.
  absl::Status reserve(uint64_t size);
  // Inside what was reserved, on any thread. An error is told by commit().
  void write(uint64_t offset, Bytes bytes);
  // What has been written (or zeros); false after an error.
  bool read(uint64_t offset, MutableBytes bytes);
  // Cuts the file to `size` bytes (not above what was reserved), gives it its name.
  absl::Status commit(uint64_t size);
  const std::string& path() const { return path_; }
  // How much this thread has written so far, into any.
  static uint64_t bytes_written_here();

 private:
  std::string path_, temporary_;
  int fd_ = -1, replaced_ = -1;
  bool through_ = false;  // path_ is not ours to replace: copied into at commit
  MutableBytes copy_;     // what goes through
  std::atomic<int> error_{0};  // of the first failed call
};

// Makes room for many open files. A process of several threads waits some 13 ms each time its table of files has to grow
// (the system lets all readers of the old one finish), at 64, 128 and so on; one of a single thread does not wait.
// REQUIRES: no other thread has been started.
void reserve_open_files();

// The whole of a small file, a pipe or a device included.
absl::StatusOr<std::string> read_file(const std::string& path);
bool file_exists(const std::string& path);
bool is_directory(const std::string& path);
// Links are followed.
bool is_regular_file(const std::string& path);
// Writes the parts one after another into a file, an older one's bytes are cut first (as Go's os.Create does).
absl::Status write_file(const std::string& path, std::span<const Bytes> parts);
// The same, but a regular file takes the place of an older one at once, with its mode: nobody reads half of it, and if
// the disk is full, say, the older one stays. Anything else, a link or a device, is written through.
absl::Status replace_file(const std::string& path, std::span<const Bytes> parts);

}  // namespace dovetail::base
