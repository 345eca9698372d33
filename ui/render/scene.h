#pragma once

#include "ui/render/viewport.h"

#include <QColor>

class QPainter;

namespace hs::ui {

class DrawList;

/// Something that can be drawn, into a window and into a picture alike.
class Scene {
  public:
    virtual ~Scene() = default;

    /// Fills `list` for one frame. Called on the UI thread; it should take no more than a few milliseconds. Cull with
    /// `list.isHidden`, and draw less where a thing is small on the screen.
    virtual void prepareScene(const Viewport& view, DrawList& list) = 0;

    /// Text and icons of a fixed size over the drawn frame, in logical pixels. `view` is that of the frame below, which
    /// may be one frame older than the widget's: place text with it, never with the camera of now.
    virtual void paintOverlay(QPainter& painter, const Viewport& view);

    /// What a frame is cleared with. Opaque.
    virtual QColor background() const = 0;
};

} // namespace hs::ui
