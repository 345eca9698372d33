// What all passes share: the frame's constants and small functions.
#extension GL_GOOGLE_include_directive : require
#include "shaders/types.h"

layout(push_constant) uniform Constants { Frame frame; };

vec4 toClip(vec2 pixel) { return vec4(pixel * vec2(frame.toClipX, frame.toClipY) - 1.0, 0.0, 1.0); }

// The corner of a unit quad drawn as a strip of four vertices.
vec2 quadCorner(int vertex) { return vec2(vertex & 1, vertex >> 1); }

vec4 premultiplied(uint color) {
    vec4 c = unpackUnorm4x8(color);
    return vec4(c.rgb * c.a, c.a);
}
