// What one instance of each kind of drawing looks like in its storage buffer (std430). Read by the shaders and by C++.
// Positions and lengths are device pixels, the origin is top left. Colours are packed, red in the lowest byte, with the
// alpha not multiplied in.
#ifndef HOOKSCOPE_SHADERS_TYPES_H
#define HOOKSCOPE_SHADERS_TYPES_H

#ifdef __cplusplus
#include <cstdint>
namespace hs::ui::gpu {
using uint = std::uint32_t;
struct alignas(16) vec4 {
    float x, y, z, w;
};
#endif

struct Frame {              // push constants
    float toClipX, toClipY; // device pixels to clip space
    float dpr;
    uint words; // where this frame's numbers begin in the buffer of words
};

struct RectItem {
    vec4 rect; // x, y, width, height
    uint color;
    uint unused0, unused1, unused2;
};

struct BoxItem { // a glow too: its fill is the colour, its outlineWidth the blur
    vec4 rect;
    vec4 radii; // top left, top right, bottom right, bottom left
    vec4 part;  // what is drawn of it: x, y, width, height
    uint fill;
    uint outline;
    float outlineWidth;
    uint unused0;
};

struct LineItem {    // one segment of a polyline
    vec4 ends;       // from, to
    vec4 neighbours; // the point before `from`, the point after `to`
    float start;     // length of the polyline before `from`: where the dash is
    float halfWidth;
    float on, off; // on = 0: solid
    uint color;
    uint joins; // bit 0: joined at `from`, bit 1: joined at `to`
    uint unused0, unused1;
};

struct PolygonItem {                             // convex, clockwise on the screen
    vec4 points01, points23, points45, points67; // unused corners repeat the last
    uint fill;
    uint outline;
    float outlineWidth;
    uint unused0;
};

struct MapItem {
    vec4 rect;
    float low;
    float scale; // 1 / (high - low); 0 where they are equal
    float base;  // position in the map of a value at `low`: 0, or 1/2 where the ends are equal
    float last;  // index of the table's last colour
    uint nan;    // colour
    uint values; // where they begin, in words
    uint table;  // where the colours begin, in words
    uint width, height;
    uint stride;
    uint unused0, unused1;
};

struct RidgeItem {
    vec4 rect;
    float firstBase; // the oldest ridge's base line, from the top of the rect
    float spacing;
    float height; // of a full bin
    float halfWidth;
    float newestHalfWidth;
    float oldest;
    float tint;
    uint heights; // where they begin, in words: steps rows of bins, the oldest first. A word holds a bin's height and
                  // that of the bin to its right (12 bits each, 4095 is full) and the cosine of the slope between (8
                  // bits)
    uint steps;
    uint bins;
    uint color;
    uint surface;
};

#ifdef __cplusplus
static_assert(sizeof(Frame) == 16 && sizeof(RectItem) == 32 && sizeof(BoxItem) == 64 && sizeof(LineItem) == 64);
static_assert(sizeof(PolygonItem) == 80 && sizeof(MapItem) == 64 && sizeof(RidgeItem) == 64);
} // namespace hs::ui::gpu
#endif

#endif
