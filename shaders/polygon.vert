#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/scene.glsl"

layout(std430, binding = 0) readonly buffer Items { PolygonItem items[]; };

layout(location = 0) out vec2 pixel;
layout(location = 1) flat out vec4 points[4];
layout(location = 5) flat out vec4 fill;
layout(location = 6) flat out vec4 outline;
layout(location = 7) flat out float outlineWidth;

void main() {
    PolygonItem item = items[gl_InstanceIndex];
    points[0] = item.points01;
    points[1] = item.points23;
    points[2] = item.points45;
    points[3] = item.points67;
    vec2 low = points[0].xy, high = low;
    for (int i = 0; i < 4; ++i) {
        low = min(low, min(points[i].xy, points[i].zw));
        high = max(high, max(points[i].xy, points[i].zw));
    }
    pixel = mix(low - 1.0, high + 1.0, quadCorner(gl_VertexIndex));
    fill = premultiplied(item.fill);
    outline = premultiplied(item.outline);
    outlineWidth = item.outlineWidth;
    gl_Position = toClip(pixel);
}
