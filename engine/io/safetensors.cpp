#include "engine/io/safetensors.h"

#include "engine/io/idx.h"
#include "engine/ops/functional.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <vector>

namespace hs::io {

namespace {

constexpr std::uint64_t header_limit = 100'000'000; // of the format's description

constexpr std::pair<std::string_view, Dtype> dtype_names[] = {
    {"F32", Dtype::float32}, {"F64", Dtype::float64}, {"F16", Dtype::float16}, {"BF16", Dtype::bfloat16},
    {"I64", Dtype::int64},   {"I32", Dtype::int32},   {"I16", Dtype::int16},   {"I8", Dtype::int8},
    {"U8", Dtype::uint8},    {"BOOL", Dtype::bool_}};

std::optional<Dtype> dtype_of(std::string_view text) {
    for (const auto& [name, dtype] : dtype_names)
        if (name == text) return dtype;
    return std::nullopt;
}

std::string_view name_of(Dtype wanted) {
    for (const auto& [name, dtype] : dtype_names)
        if (dtype == wanted) return name;
    throw ValueError("the dtype " + std::string(hs::name(wanted)) + " cannot be written");
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

struct Named {
    std::string name;
    Entry entry;
};

/// The header as JSON. Readers disagree on which of two equal names counts, so a file that has them is refused.
nlohmann::json parse_header(const std::string& text) {
    using Event = nlohmann::json::parse_event_t;
    constexpr int deepest = 4; // a list of sizes is the third level
    std::vector<std::set<std::string>> names;
    std::string twice;
    bool too_deep = false;
    const auto watch = [&](int depth, Event event, nlohmann::json& value) {
        too_deep |= depth > deepest;
        if (event == Event::object_start) names.emplace_back();
        if (event == Event::object_end) names.pop_back();
        if (event == Event::key && !names.back().insert(value.get<std::string>()).second) twice = value;
        return !too_deep;
    };
    nlohmann::json header = nlohmann::json::parse(text, watch, false);
    if (too_deep) throw Error("its header is nested too deeply");
    if (!header.is_object()) throw Error("its header is no JSON object");
    if (!twice.empty()) throw Error("its header has the name '" + twice + "' twice");
    return header;
}

std::vector<Named> entries_of(const nlohmann::json& header, std::uint64_t data_bytes) {
    std::vector<Named> entries;
    for (const auto& [name, item] : header.items()) {
        if (name == "__metadata__") continue;
        try {
            entries.push_back({name, entry_of(item, data_bytes)});
        } catch (const nlohmann::json::exception& error) {
            throw Error("tensor '" + name + "': " + error.what());
        } catch (const Error& error) {
            throw Error("tensor '" + name + "': " + error.what());
        }
    }
    std::ranges::sort(entries, {}, [](const Named& named) { return std::pair(named.entry.begin, named.entry.end); });
    std::uint64_t reached = 0;
    for (const Named& named : entries) {
        if (named.entry.begin != reached)
            throw Error("tensor '" + named.name + "' begins at byte " + std::to_string(named.entry.begin) +
                        " of the data, the one before ends at " + std::to_string(reached));
        reached = named.entry.end;
    }
    if (reached != data_bytes)
        throw Error("its tensors end at byte " + std::to_string(reached) + " of " + std::to_string(data_bytes) +
                    " bytes of data");
    return entries;
}

Tensor read_tensor(std::istream& stream, const Entry& entry) {
    const Tensor tensor = empty(entry.shape, {.dtype = entry.dtype});
    auto* bytes = reinterpret_cast<char*>(tensor.mutable_data<std::byte>());
    if (!stream.read(bytes, static_cast<std::streamsize>(entry.end - entry.begin)))
        throw Error("its bytes cannot be read");
    if (entry.dtype == Dtype::bool_)
        for (std::uint64_t i = 0; i < entry.end - entry.begin; ++i)
            bytes[i] = bytes[i] != 0;
    return tensor;
}

std::map<std::string, Tensor> read_all(std::istream& stream, std::uint64_t length) {
    unsigned char prefix[8];
    if (length < 8 || !stream.read(reinterpret_cast<char*>(prefix), 8)) throw Error("shorter than its 8-byte prefix");
    std::uint64_t header_bytes = 0;
    for (int i = 7; i >= 0; --i)
        header_bytes = header_bytes << 8 | prefix[i];
    if (header_bytes > length - 8 || header_bytes > header_limit)
        throw Error("its header is announced as " + std::to_string(header_bytes) + " bytes, the file has " +
                    std::to_string(length));
    std::string text(static_cast<std::size_t>(header_bytes), '\0');
    if (!stream.read(text.data(), static_cast<std::streamsize>(text.size()))) throw Error("its header cannot be read");
    std::map<std::string, Tensor> result;
    for (const auto& [name, entry] : entries_of(parse_header(text), length - 8 - header_bytes))
        result.emplace(name, read_tensor(stream, entry)); // in the order of the file
    return result;
}

/// The header of these tensors, with spaces behind it so that the data begins at a multiple of 8 bytes.
std::string header_of(const std::vector<std::pair<std::string, Tensor>>& tensors) {
    nlohmann::ordered_json header = nlohmann::ordered_json::object();
    std::uint64_t begin = 0;
    for (const auto& [name, tensor] : tensors) {
        if (name == "__metadata__" || header.contains(name))
            throw ValueError("a tensor cannot be written under the name '" + name + "'" +
                             (header.contains(name) ? " twice" : ""));
        const std::uint64_t end = begin + static_cast<std::uint64_t>(tensor.numel()) * size_of(tensor.dtype());
        header[name] = {{"dtype", name_of(tensor.dtype())},
                        {"shape", std::vector<std::int64_t>(tensor.shape().begin(), tensor.shape().end())},
                        {"data_offsets", {begin, end}}};
        begin = end;
    }
    std::string text = header.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    return text;
}

void write_all(std::ostream& stream, const std::vector<std::pair<std::string, Tensor>>& tensors) {
    const std::string header = header_of(tensors);
    for (int shift = 0; shift < 64; shift += 8)
        stream.put(static_cast<char>(header.size() >> shift & 0xff));
    stream << header;
    for (const auto& [name, tensor] : tensors) {
        const Tensor whole = contiguous(tensor.detach());
        const auto bytes = static_cast<std::size_t>(whole.numel()) * size_of(whole.dtype());
        // data() counts the offset in elements of its type.
        const auto skip = whole.storage_offset() * static_cast<std::int64_t>(size_of(whole.dtype()) - 1);
        stream.write(reinterpret_cast<const char*>(whole.data<std::byte>() + skip),
                     static_cast<std::streamsize>(bytes));
    }
}

} // namespace

std::map<std::string, Tensor> read_safetensors(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary | std::ios::ate);
    const auto length = stream ? static_cast<std::int64_t>(stream.tellg()) : -1;
    if (length < 0 || std::filesystem::is_directory(file)) throw FileError(file.string() + ": cannot be read");
    stream.seekg(0);
    try {
        return read_all(stream, static_cast<std::uint64_t>(length));
    } catch (const Error& error) {
        throw FileError(file.string() + ": " + error.what());
    }
}

void write_safetensors(const std::filesystem::path& file, const std::vector<std::pair<std::string, Tensor>>& tensors) {
    std::filesystem::path unfinished = file;
    unfinished += ".part";
    std::error_code problem;
    try {
        std::ofstream stream(unfinished, std::ios::binary);
        write_all(stream, tensors);
        stream.close();
        if (!stream) throw FileError(file.string() + ": cannot be written");
        std::filesystem::rename(unfinished, file, problem);
        if (problem) throw FileError(file.string() + ": cannot be written: " + problem.message());
    } catch (...) {
        std::filesystem::remove(unfinished, problem);
        throw;
    }
}

} // namespace hs::io
