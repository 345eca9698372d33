#include "app/output.h"

#include "app/command_line.h"

#include <QSaveFile>
#include <QTemporaryFile>

#include <stdexcept>
#include <string>

namespace hs::app {

namespace {

using Path = std::filesystem::path;

QString text(const Path& path) {
    return QString::fromStdString(path.string());
}

// Only making a file tells: permissions, read-only mounts and folders such as /proc each refuse in their own way.
void check_folder_takes_files(const std::string& option, const Path& folder, const Path& asked) {
    QTemporaryFile probe(text(folder / ".hookscope-XXXXXX"));
    if (!probe.open()) {
        throw InputError(option + ": cannot write to " + asked.string() + ": " + probe.errorString().toStdString() +
                         "; name a place where you may write");
    }
}

} // namespace

void check_output_folder(const std::string& option, const Path& folder) {
    std::error_code code;
    Path existing = std::filesystem::absolute(folder).lexically_normal();
    while (!std::filesystem::exists(std::filesystem::status(existing, code)) && existing.has_relative_path())
        existing = existing.parent_path();
    if (!std::filesystem::is_directory(existing, code))
        throw InputError(option + ": " + existing.string() + " is not a folder; name a folder");
    check_folder_takes_files(option, existing, folder);
}

void check_output_file(const std::string& option, const Path& file) {
    std::error_code code;
    if (!file.has_filename() || std::filesystem::is_directory(file, code))
        throw InputError(option + ": " + file.string() + " is a folder; name a file in it");
    check_output_folder(option, std::filesystem::absolute(file).parent_path());
}

void write_file(const Path& file, const QByteArray& bytes) {
    std::error_code code;
    const Path folder = std::filesystem::absolute(file).parent_path();
    std::filesystem::create_directories(folder, code);
    if (code) throw std::runtime_error(folder.string() + ": cannot be made: " + code.message());
    QSaveFile out(text(file));
    if (!out.open(QIODevice::WriteOnly) || out.write(bytes) != bytes.size() || !out.commit())
        throw std::runtime_error(file.string() + ": cannot be written: " + out.errorString().toStdString());
}

} // namespace hs::app
