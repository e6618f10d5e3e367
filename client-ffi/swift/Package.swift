// swift-tools-version: 5.9
// `cargo xtask ffi swift` writes the folder `target`: what uniffi generates, and the native library.

import PackageDescription

let settings: [SwiftSetting] = [.enableExperimentalFeature("StrictConcurrency")]

#if os(macOS)
let library: Target = .binaryTarget(name: "PitayaFFI", path: "target/PitayaFFI.xcframework")
#else
let library: Target = .systemLibrary(name: "PitayaFFI", path: "target/PitayaFFI")
#endif

let package = Package(
    name: "Pitaya",
    platforms: [.iOS(.v13), .macOS(.v10_15)],
    products: [.library(name: "Pitaya", targets: ["Pitaya"])],
    targets: [
        library,
        .target(
            name: "PitayaNative",
            dependencies: ["PitayaFFI"],
            path: "target/PitayaNative",
            linkerSettings: [
                .linkedFramework("CoreFoundation", .when(platforms: [.iOS, .macOS])),
                .linkedFramework("Security", .when(platforms: [.iOS, .macOS])),
            ]
        ),
        .target(name: "Pitaya", dependencies: ["PitayaNative"], swiftSettings: settings),
        .testTarget(name: "PitayaTests", dependencies: ["Pitaya"], swiftSettings: settings),
    ]
)
