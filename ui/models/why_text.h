#pragma once

#include "engine/trace/why.h"

#include <QString>

namespace hs::ui {

/// A Why in words: a title, what is so, and what to do about it. `trace` is the one that was asked about.
struct WhyText {
    QString title;
    QString sentence;
    QString detail; ///< may be empty, as the next
    QString remedy;
    QString rule; ///< `Rule 6`
};

WhyText whyGradIsNone(const trace::Why& why, const trace::Trace& trace);
/// Only `sentence` and `rule`.
WhyText whyLeaf(const trace::Why& why, const trace::Trace& trace);

} // namespace hs::ui
