#include "engine/io/idx.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <zlib.h>

namespace hs::io {

namespace {

constexpr std::size_t chunk_bytes = 256 * 1024;
constexpr std::size_t first_reserve = 64 * 1024 * 1024;
constexpr int max_rank = 8;
constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

/// The unpacked bytes of a file, gzipped or plain, as a stream.
class Source {
  public:
    explicit Source(const std::filesystem::path& path) : path_(path) {
        std::error_code code;
        const auto status = std::filesystem::status(path, code);
        if (!std::filesystem::exists(status)) throw FileError(path.string() + ": no such file");
        if (!std::filesystem::is_regular_file(status)) throw FileError(path.string() + ": not a regular file");
        file_.reset(std::fopen(path.c_str(), "rb"));
        if (!file_) throw FileError(path.string() + ": cannot be opened: " + std::strerror(errno));
        input_.resize(chunk_bytes);
        refill();
        gzip_ = stream_.avail_in >= 2 && input_[0] == 0x1f && input_[1] == 0x8b;
        // 16: gzip's header and checksum are demanded and checked by zlib.
        if (gzip_ && inflateInit2(&stream_, MAX_WBITS + 16) != Z_OK) fail("zlib could not be started");
    }
    ~Source() {
        if (gzip_) inflateEnd(&stream_);
    }
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    bool gzip() const { return gzip_; }
    std::uint64_t unpacked() const { return unpacked_; }

    /// Fills `out` as far as there is data; returns how much was written, less than asked only at the end.
    std::size_t read(std::span<std::uint8_t> out) {
        const std::size_t count = gzip_ ? read_packed(out) : read_plain(out);
        unpacked_ += count;
        return count;
    }

    /// To be called when all data was read: nothing may follow.
    void expect_end() {
        std::uint8_t extra = 0;
        if (read({&extra, 1}) != 0) fail_at(unpacked_ - 1, "there is more data than the header announces");
        if (stream_.avail_in == 0) refill();
        if (stream_.avail_in != 0)
            fail("at byte " + std::to_string(packed_ - stream_.avail_in) +
                 ": more data follows the end of the gzip stream");
    }

    std::uint64_t file_size() const {
        std::error_code code;
        const auto size = std::filesystem::file_size(path_, code);
        return code ? 0 : size;
    }

    /// The unpacked size modulo 2^32 that gzip stores in its last four bytes, little-endian.
    std::uint32_t stored_size() {
        std::array<std::uint8_t, 4> tail{};
        if (std::fseek(file_.get(), -4, SEEK_END) != 0 || std::fread(tail.data(), 1, 4, file_.get()) != 4)
            fail("the end of the file cannot be read");
        return static_cast<std::uint32_t>(tail[0]) | static_cast<std::uint32_t>(tail[1]) << 8 |
               static_cast<std::uint32_t>(tail[2]) << 16 | static_cast<std::uint32_t>(tail[3]) << 24;
    }

    [[noreturn]] void fail(const std::string& reason) const { throw FileError(path_.string() + ": " + reason); }

    [[noreturn]] void fail_at(std::uint64_t offset, const std::string& reason) const {
        fail("at byte " + std::to_string(offset) + (gzip_ ? " of the unpacked data: " : ": ") + reason);
    }

  private:
    void refill() {
        const std::size_t count = std::fread(input_.data(), 1, input_.size(), file_.get());
        if (count == 0 && std::ferror(file_.get()))
            fail("at byte " + std::to_string(packed_) + ": cannot be read: " + std::strerror(errno));
        packed_ += count;
        stream_.next_in = input_.data();
        stream_.avail_in = static_cast<uInt>(count);
    }

    std::size_t read_plain(std::span<std::uint8_t> out) {
        std::size_t done = 0;
        while (done < out.size()) {
            if (stream_.avail_in == 0) refill();
            if (stream_.avail_in == 0) break;
            const std::size_t count = std::min<std::size_t>(stream_.avail_in, out.size() - done);
            std::memcpy(out.data() + done, stream_.next_in, count);
            stream_.next_in += count;
            stream_.avail_in -= static_cast<uInt>(count);
            done += count;
        }
        return done;
    }

    std::size_t read_packed(std::span<std::uint8_t> out) {
        std::size_t done = 0;
        while (done < out.size() && !ended_) {
            if (stream_.avail_in == 0) refill();
            if (stream_.avail_in == 0)
                fail("at byte " + std::to_string(packed_) + ": the file ends within the gzip stream; it was cut short");
            const std::size_t room = std::min<std::size_t>(out.size() - done, 1u << 30);
            stream_.next_out = out.data() + done;
            stream_.avail_out = static_cast<uInt>(room);
            const int code = inflate(&stream_, Z_NO_FLUSH);
            done += room - stream_.avail_out;
            if (code == Z_STREAM_END) {
                ended_ = true;
            } else if (code != Z_OK && code != Z_BUF_ERROR) {
                fail("at byte " + std::to_string(packed_ - stream_.avail_in) + ": the gzip data is damaged (" +
                     (stream_.msg ? stream_.msg : "zlib error " + std::to_string(code)) + ")");
            }
        }
        return done;
    }

    std::filesystem::path path_;
    std::unique_ptr<std::FILE, CloseFile> file_;
    std::vector<std::uint8_t> input_;
    z_stream stream_{};
    std::uint64_t packed_ = 0;   ///< bytes taken from the file
    std::uint64_t unpacked_ = 0; ///< bytes handed out
    bool gzip_ = false;
    bool ended_ = false;
};

struct Header {
    std::vector<std::int64_t> shape;
    std::uint64_t bytes = 1; ///< the product of `shape`
};

void read_exactly(Source& source, std::span<std::uint8_t> out) {
    if (source.read(out) != out.size()) source.fail_at(source.unpacked(), "the data ends within the IDX header");
}

Header read_header(Source& source) {
    std::array<std::uint8_t, 4> word{};
    read_exactly(source, word);
    if (word[0] != 0 || word[1] != 0) {
        std::array<char, 16> found{};
        std::snprintf(found.data(), found.size(), "%02x %02x %02x %02x", word[0], word[1], word[2], word[3]);
        source.fail_at(0, std::string("not an IDX file: it begins with ") + found.data() + ", not with 00 00 08");
    }
    if (word[2] != 0x08)
        source.fail_at(2, "element type " + std::to_string(word[2]) + " is not supported, only 8 (unsigned byte)");
    const int rank = word[3];
    if (rank < 1 || rank > max_rank)
        source.fail_at(3, std::to_string(rank) + " dimensions; 1 to " + std::to_string(max_rank) + " are supported");
    Header header;
    for (int i = 0; i < rank; ++i) {
        read_exactly(source, word);
        const std::uint64_t size = static_cast<std::uint64_t>(word[0]) << 24 |
                                   static_cast<std::uint64_t>(word[1]) << 16 |
                                   static_cast<std::uint64_t>(word[2]) << 8 | word[3];
        if (size == 0) source.fail_at(source.unpacked() - 4, "dimension " + std::to_string(i) + " has size 0");
        if (header.bytes > no_limit / size) source.fail_at(source.unpacked() - 4, "the sizes multiply to over 2^64");
        header.bytes *= size;
        header.shape.push_back(static_cast<std::int64_t>(size));
    }
    // A byte of deflate data unpacks to 1032 bytes at most (zlib's technical notes), so this needs no unpacking.
    const std::uint64_t most = source.file_size() > no_limit / 1032 ? no_limit : source.file_size() * 1032;
    if (header.bytes > (source.gzip() ? most : source.file_size()))
        source.fail_at(4, "the header announces " + std::to_string(header.bytes) + " elements, more than a file of " +
                              std::to_string(source.file_size()) + " bytes can hold");
    return header;
}

} // namespace

IdxArray read_idx(const std::filesystem::path& file) {
    Source source(file);
    Header header = read_header(source);
    IdxArray array;
    array.shape = std::move(header.shape);
    array.bytes.reserve(std::min<std::uint64_t>(header.bytes, first_reserve));
    while (array.bytes.size() < header.bytes) {
        const std::size_t start = array.bytes.size();
        const std::size_t want = std::min<std::uint64_t>(chunk_bytes, header.bytes - start);
        array.bytes.resize(start + want);
        const std::size_t count = source.read({array.bytes.data() + start, want});
        if (count != want)
            source.fail_at(source.unpacked(), "the data ends after " + std::to_string(start + count) + " of " +
                                                  std::to_string(header.bytes) + " elements");
    }
    source.expect_end();
    return array;
}

std::vector<std::int64_t> check_idx(const std::filesystem::path& file) {
    Source source(file);
    Header header = read_header(source);
    const std::uint64_t expected = source.unpacked() + header.bytes;
    if (source.gzip()) {
        if (source.stored_size() != static_cast<std::uint32_t>(expected))
            source.fail("at byte " + std::to_string(source.file_size() - 4) + ": gzip's stored length is " +
                        std::to_string(source.stored_size()) + ", but the header announces " +
                        std::to_string(expected) + " bytes; the file was cut short or damaged");
    } else if (source.file_size() != expected) {
        source.fail("the file has " + std::to_string(source.file_size()) + " bytes, but its header announces " +
                    std::to_string(expected));
    }
    return header.shape;
}

} // namespace hs::io
