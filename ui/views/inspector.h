#pragma once

#include "engine/trace/trace.h"
#include "ui/views/value_colors.h"

#include <QLabel>
#include <QWidget>

#include <memory>

class QButtonGroup;
class QComboBox;
class QHBoxLayout;
class QPushButton;
class QScrollArea;
class QSpinBox;
class QToolButton;
class QVBoxLayout;

namespace hs::ui {

class FactGrid;
class HistogramView;
class MapStrip;
class Selection;
class SessionModel;
class ValuesModel;
class ValuesView;

/// The dock "Tensor": the selected tensor with PyTorch's eight attributes, its statistics, histogram and values. What
/// it shows when only a module is selected is defaultTensor(). Figures change at most four times a second.
class Inspector : public QWidget {
    Q_OBJECT

  public:
    Inspector(SessionModel& session, Selection& selection, QWidget* parent = nullptr);
    ~Inspector() override;

    /// The tensor that is shown; with `grad` switched on, its gradient.
    const trace::ValueKey& shownKey() const { return m_shown; }
    ValuesView* valuesView() const { return m_view; }
    const ValuesModel* values() const { return m_values; }
    QComboBox* picker() const { return m_picker; }
    void setShowsGradient(bool gradient);
    /// Puts a widget of its own below the attributes.
    void addSection(QWidget* section);
    /// Scrolls to it and gives it the keyboard.
    void revealSection(QWidget* section);

    QSize sizeHint() const override { return {324, 640}; }
    QSize minimumSizeHint() const override { return {232, 200}; }

  signals:
    void requiresGradClicked();

  protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

  private:
    QWidget* makeHead();
    QWidget* makeValues();
    void fillPicker();
    void choose(const trace::ValueKey& key);
    void takeSelection();
    void refresh();
    void refreshFacts(const trace::Trace* trace);
    void refreshValues();
    void rebuildIndices();
    void updateWatch();

    SessionModel& m_session;
    Selection& m_selection;
    trace::ValueKey m_key;   ///< the tensor
    trace::ValueKey m_shown; ///< it, or its gradient
    ValuesModel* m_values;
    ValueColors m_colors;
    QComboBox* m_picker;
    QLabel* m_kind;
    MapStrip* m_strip;
    QVBoxLayout* m_column;
    FactGrid* m_attributes;
    FactGrid* m_statistics;
    HistogramView* m_histogram;
    QLabel* m_slice;
    QHBoxLayout* m_indexRow;
    std::vector<QSpinBox*> m_indices;
    QToolButton* m_dataButton;
    QToolButton* m_gradButton;
    ValuesView* m_view;
    QWidget* m_emptyValues;
    QLabel* m_emptyText;
    QScrollArea* m_scroll;
    QLabel* m_nothing;
    bool m_filling = false;
};

} // namespace hs::ui
