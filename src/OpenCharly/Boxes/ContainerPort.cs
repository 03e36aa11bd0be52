using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace OpenCharly.Boxes;

/// <summary>A port of a container, as the label <c>port</c> and <c>EXPOSE</c> write it: <c>8080</c> or <c>5353/udp</c>.</summary>
/// <param name="Number">1 to 65535.</param>
/// <param name="IsUdp">Whether it is a UDP port.</param>
public readonly record struct ContainerPort(int Number, bool IsUdp)
{
    /// <summary>Reads <c>N</c>, <c>N/tcp</c> or <c>N/udp</c>; false for anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ContainerPort port)
    {
        port = default;
        if (text is null) return false;
        var parts = text.Split('/');
        if (parts.Length > 2 || (parts.Length == 2 && parts[1] is not ("tcp" or "udp"))) return false;
        if (!int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 65535) return false;
        port = new ContainerPort(number, parts is [_, "udp"]);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}{(IsUdp ? "/udp" : "")}");
}
