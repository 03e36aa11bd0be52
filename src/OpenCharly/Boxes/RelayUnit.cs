using System.Globalization;

namespace OpenCharly.Boxes;

/// <summary>The unit of a relay in an image that systemd runs: from the container's own address to its loopback (pod.md §4.4).</summary>
internal static class RelayUnit
{
    /// <summary>Its name.</summary>
    public static string Name(int port) => string.Create(CultureInfo.InvariantCulture, $"relay-{port}.service");

    /// <summary>The file. The wrapper finds the address of the container, so it waits for the network and is tried again without it.</summary>
    public static string Text(int port) => string.Create(CultureInfo.InvariantCulture, $"""
        [Unit]
        Description=Relay of port {port} to loopback
        After=network-online.target

        [Service]
        ExecStart=/usr/local/bin/relay-wrapper {port}
        Restart=always
        RestartSec=1

        [Install]
        WantedBy=multi-user.target

        """);
}
