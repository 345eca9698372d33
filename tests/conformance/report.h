#pragma once

#include <filesystem>
#include <new>
#include <string>
#include <vector>

namespace hs::conformance {

/// A case that cannot be compared; the text says why.
struct Skip {
    std::string reason;
};

/// What became of the cases of one run.
class Report {
  public:
    /// Runs `body`; an exception is a failure, a thrown Skip skips.
    template <class Body>
    void run(const std::string& name, Body&& body) {
        try {
            body();
            pass(name);
        } catch (const Skip& skip_reason) {
            skip(name, skip_reason.reason);
        } catch (const std::bad_alloc&) {
            fail(name, "needs more memory than there is");
        } catch (const std::exception& error) {
            fail(name, error.what());
        }
    }
    void pass(const std::string& name);
    void fail(const std::string& name, const std::string& reason);
    void skip(const std::string& name, const std::string& reason);

    /// Prints the failed and skipped cases and the closing line; returns the exit status.
    int finish() const;
    void write_json(const std::filesystem::path& file) const;

  private:
    struct Entry {
        std::string name, state, reason;
    };
    std::vector<Entry> entries_;
    int passed_ = 0, failed_ = 0, skipped_ = 0;
};

struct Options {
    std::filesystem::path folder; ///< or, of printed texts, a file
    std::string filter;           ///< part of a case's name; empty takes all
    std::filesystem::path json;   ///< where to write the results as JSON; empty for nowhere
};

void run_ops(const Options& options, Report& report);
void run_modules(const Options& options, Report& report);
void run_printing(const Options& options, Report& report);

} // namespace hs::conformance
