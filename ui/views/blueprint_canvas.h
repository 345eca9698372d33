#pragma once

#include "ui/views/blueprint_card.h"
#include "ui/views/blueprint_model.h"
#include "ui/views/session_canvas.h"

#include <QElapsedTimer>
#include <QTimer>

namespace hs::ui {

struct MapStyle;

/// Draws the blueprint and takes its input. The zoom bar and the sample picker around it are BlueprintView's.
class BlueprintCanvas : public SessionCanvas {
    Q_OBJECT

  public:
    BlueprintCanvas(SessionModel& session, Selection& selection, QWidget* parent = nullptr);

    const BlueprintModel& model() const { return m_model; }
    /// The item under a point of the widget, or model().graph().items.size().
    std::size_t itemAt(QPointF point) const;
    /// Where an item is on the screen.
    QRectF itemRect(std::size_t item) const;
    /// Room at the bottom left, in view space: mini map, and the zoom bar beside it.
    QRectF miniMapRect() const;
    /// What is painted at the top right; the sample picker stands at its left.
    QRectF legendRect() const;
    /// What lies over the view and hides the picture: the legend with the picker, and the mini map.
    QRegion coveredRegion() const;
    static constexpr int pickerWidth = 168;

    void prepareScene(const Viewport& view, DrawList& list) override;
    void paintOverlay(QPainter& painter, const Viewport& view) override;

  signals:
    /// Enter or a double click: the module's maps are wanted.
    void openRequested(const QString& path);
    void batchSizeChanged(int samples);
    /// The boxes were laid out anew, and with them what lies over the view.
    void laidOut();

  protected:
    std::set<trace::ValueKey> wantedValues() const override;
    void refresh() override;
    Notice ownNotice() const override;
    QRectF contentBounds() const override;
    void canvasClicked(QPointF scene, Qt::MouseButton button, Qt::KeyboardModifiers modifiers) override;
    void canvasDoubleClicked(QPointF scene) override;
    void canvasHovered(QPointF scene) override;
    void canvasLeft() override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool event(QEvent* event) override;

  private:
    friend class BlueprintPainter;

    void takeModel();
    void takeValues();
    void takeTrace();
    void layOutAgain();
    void selectItem(std::size_t item, bool show);
    void updateVisible();
    bool moveSelection(Qt::Key key);

    BlueprintModel m_model;
    std::vector<std::size_t> m_visible; ///< cards whose maps can be seen
    QElapsedTimer m_sinceFigures;
    QTimer m_figuresTimer;
    std::size_t m_hovered = static_cast<std::size_t>(-1);
    int m_samples = 0;
};

} // namespace hs::ui
