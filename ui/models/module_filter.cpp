#include "ui/models/module_filter.h"

#include "ui/models/module_model.h"

#include <algorithm>

namespace hs::ui {

namespace {

/// Cuts a text into words at spaces, but not inside brackets, so that `[64, 6` stays one.
QStringList wordsOf(const QString& text) {
    QStringList words;
    QString word;
    bool inShape = false;
    for (const QChar c : text) {
        if (c == QLatin1Char('[')) inShape = true;
        if (c == QLatin1Char(']')) inShape = false;
        if (!c.isSpace() || inShape) {
            word += c;
        } else if (!word.isEmpty()) {
            words << word;
            word.clear();
        }
    }
    word = word.trimmed();
    if (!word.isEmpty()) words << word;
    return words;
}

} // namespace

ModuleFilter::ModuleFilter(QObject* parent) : QSortFilterProxyModel(parent) {
    setRecursiveFilteringEnabled(true);
    setAutoAcceptChildRows(true);
}

void ModuleFilter::setText(const QString& text) {
    const QStringList words = wordsOf(text);
    if (words == m_words) return;
    m_words = words;
    invalidateFilter();
}

bool ModuleFilter::filterAcceptsRow(int row, const QModelIndex& parent) const {
    if (m_words.isEmpty()) return true;
    const QModelIndex index = sourceModel()->index(row, ModuleModel::Name, parent);
    // The root's output has the model's shape, but showing it would show everything.
    if (!parent.isValid()) return false;
    const QString text = index.data(ModuleModel::SearchRole).toString();
    return std::all_of(m_words.begin(), m_words.end(),
                       [&](const QString& word) { return text.contains(word, Qt::CaseInsensitive); });
}

} // namespace hs::ui
