using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>An Android device: an emulator in a pod, or what an adb server reaches (deploy.md §7.7).</summary>
public sealed record AndroidDevice
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Where it stands.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>Box of the emulator; null for a device behind <see cref="AdbHost"/>.</summary>
    public string? Box { get; init; }

    /// <summary>Host of the adb server, with or without port; null for an emulator in a pod.</summary>
    public string? AdbHost { get; init; }

    /// <summary>Port of the adb server.</summary>
    public int AdbPort { get; init; } = 5037;

    /// <summary>Serial number that the adb server knows it by.</summary>
    public string Serial { get; init; } = "emulator-5554";

    /// <summary>Name of the secret with the e-mail address of a Google account.</summary>
    public string? EmailSecret { get; init; }

    /// <summary>Name of the secret with the token of a Google account.</summary>
    public string? TokenSecret { get; init; }
}
