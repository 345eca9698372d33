#include "engine/io/safetensors.h"

#include "engine/io/idx.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

namespace hs::io {

namespace {

constexpr std::uint64_t header_limit = 100'000'000; // of the format's description

std::optional<Dtype> dtype_of(std::string_view text) {
    constexpr std::pair<std::string_view, Dtype> names[] = {
        {"F32", Dtype::float32}, {"F64", Dtype::float64}, {"F16", Dtype::float16}, {"BF16", Dtype::bfloat16},
        {"I64", Dtype::int64},   {"I32", Dtype::int32},   {"I16", Dtype::int16},   {"I8", Dtype::int8},
        {"U8", Dtype::uint8},    {"BOOL", Dtype::bool_}};
    for (const auto& [name, dtype] : names)
        if (name == text) return dtype;
    return std::nullopt;
}

/// What the header says of one tensor.
struct Entry {
    Dtype dtype;
    Shape shape;
    std::uint64_t begin, end;
};

Entry entry_of(const nlohmann::json& item, std::uint64_t data_bytes) {
    const std::string type = item.at("dtype").get<std::string>();
    const std::optional<Dtype> dtype = dtype_of(type);
    if (!dtype) throw Error("its dtype '" + type + "' is not supported");
    Entry entry{*dtype, {}, 0, 0};
    for (const nlohmann::json& size : item.at("shape")) {
        if (!size.is_number_unsigned()) throw Error("its shape is not a list of sizes");
        entry.shape.push_back(static_cast<std::int64_t>(size.get<std::uint64_t>()));
    }
    const nlohmann::json& offsets = item.at("data_offsets");
    if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
        !offsets[1].is_number_unsigned())
        throw Error("its data_offsets are not two offsets");
    entry.begin = offsets[0].get<std::uint64_t>();
    entry.end = offsets[1].get<std::uint64_t>();
    if (entry.begin > entry.end || entry.end > data_bytes)
        throw Error("its data_offsets [" + std::to_string(entry.begin) + ", " + std::to_string(entry.end) +
                    "] do not lie within the file's " + std::to_string(data_bytes) + " bytes of data");
    const auto count = static_cast<std::uint64_t>(element_count(entry.shape));
    const std::uint64_t bytes = entry.end - entry.begin;
    if (bytes % size_of(entry.dtype) != 0 || bytes / size_of(entry.dtype) != count)
        throw Error("its shape " + to_string(entry.shape) + " does not fit its " + std::to_string(bytes) + " bytes");
    return entry;
}

} // namespace

std::map<std::string, Tensor> read_safetensors(const std::filesystem::path& file) {
    const auto fail = [&](const std::string& reason) { return FileError(file.string() + ": " + reason); };
    std::ifstream stream(file, std::ios::binary | std::ios::ate);
    if (!stream) throw fail("cannot be opened");
    const auto length = static_cast<std::uint64_t>(stream.tellg());
    stream.seekg(0);
    unsigned char prefix[8];
    if (length < 8 || !stream.read(reinterpret_cast<char*>(prefix), 8)) throw fail("shorter than its 8-byte prefix");
    std::uint64_t header_bytes = 0;
    for (int i = 7; i >= 0; --i)
        header_bytes = header_bytes << 8 | prefix[i];
    if (header_bytes > length - 8 || header_bytes > header_limit)
        throw fail("its header is announced as " + std::to_string(header_bytes) + " bytes, the file has " +
                   std::to_string(length));
    std::string text(static_cast<std::size_t>(header_bytes), '\0');
    if (!stream.read(text.data(), static_cast<std::streamsize>(text.size()))) throw fail("its header cannot be read");
    const nlohmann::json header = nlohmann::json::parse(text, nullptr, false);
    if (!header.is_object()) throw fail("its header is no JSON object");

    std::map<std::string, Tensor> result;
    for (const auto& [key, item] : header.items()) {
        if (key == "__metadata__") continue;
        try {
            const Entry entry = entry_of(item, length - 8 - header_bytes);
            const Tensor tensor = empty(entry.shape, {.dtype = entry.dtype});
            auto* bytes = reinterpret_cast<char*>(tensor.mutable_data<std::byte>());
            stream.seekg(static_cast<std::streamoff>(8 + header_bytes + entry.begin));
            if (!stream.read(bytes, static_cast<std::streamsize>(entry.end - entry.begin)))
                throw Error("its bytes cannot be read");
            if (entry.dtype == Dtype::bool_)
                for (std::uint64_t i = 0; i < entry.end - entry.begin; ++i)
                    bytes[i] = bytes[i] != 0;
            result.emplace(key, tensor);
        } catch (const nlohmann::json::exception& error) {
            throw fail("tensor '" + key + "': " + error.what());
        } catch (const Error& error) {
            throw fail("tensor '" + key + "': " + error.what());
        }
    }
    return result;
}

} // namespace hs::io
