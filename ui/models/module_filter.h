#pragma once

#include <QSortFilterProxyModel>
#include <QStringList>

namespace hs::ui {

/// Shows the modules that match all words of a text by path, type or output shape, together with what they are in and
/// what is inside them.
class ModuleFilter : public QSortFilterProxyModel {
    Q_OBJECT

  public:
    explicit ModuleFilter(QObject* parent = nullptr);

    void setText(const QString& text);
    bool isActive() const { return !m_words.isEmpty(); }

  protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

  private:
    QStringList m_words;
};

} // namespace hs::ui
