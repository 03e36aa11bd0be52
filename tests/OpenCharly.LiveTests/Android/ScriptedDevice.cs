using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace OpenCharly.LiveTests.Android;

/// <summary>
/// An adb server with one device, which the real adb program talks to: it speaks the server's protocol on loopback. An
/// "apk" is a text that says <c>package=ID</c>.
/// </summary>
internal sealed partial class ScriptedDevice : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<int, List<string>> _sessions = [];
    private readonly Lock _gate = new();
    private int _session = 100;

    public ScriptedDevice()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Serial { get; init; } = "emulator-5554";

    /// <summary>Packages on the device, with the number of files that each came in.</summary>
    public ConcurrentDictionary<string, int> Packages { get; } = new() { ["com.android.shell"] = 1 };

    /// <summary>Files that were pushed, by path.</summary>
    public ConcurrentDictionary<string, string> Files { get; } = [];

    /// <summary>What was asked of the device, in order.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>How often it says that it has not booted; never ending if negative.</summary>
    public int BootAfter { get; set; }

    /// <summary>What it says instead of taking a package, each once.</summary>
    public ConcurrentQueue<string> Refusals { get; } = [];

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var held = client;
        try
        {
            // One request a connection: the program reads an answer up to its end.
            var stream = client.GetStream();
            var request = await TextAsync(stream);
            if (request == "host:version")
            {
                await AnswerAsync(stream, "0029");
            }
            else if (request.EndsWith(":features", StringComparison.Ordinal))
            {
                await AnswerAsync(stream, "cmd");
            }
            else if (!request.StartsWith("host:tport:", StringComparison.Ordinal) && !request.StartsWith("host:transport", StringComparison.Ordinal))
            {
                await FailAsync(stream, $"unknown host service {request}");
            }
            else if (!request.EndsWith(":" + Serial, StringComparison.Ordinal))
            {
                await FailAsync(stream, $"device '{request.Split(':')[^1]}' not found");
            }
            else
            {
                await stream.WriteAsync("OKAY"u8.ToArray());
                if (request.StartsWith("host:tport:", StringComparison.Ordinal)) await stream.WriteAsync(new byte[] { 1, 0, 0, 0, 0, 0, 0, 0 });
                await DeviceAsync(stream, await TextAsync(stream));
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The client has what it wanted.
        }
    }

    private async Task DeviceAsync(NetworkStream stream, string service)
    {
        lock (_gate) Asked.Add(service);
        await stream.WriteAsync("OKAY"u8.ToArray());
        if (service == "sync:") await SyncAsync(stream);
        else if (service.StartsWith("shell:", StringComparison.Ordinal)) await stream.WriteAsync(Encoding.UTF8.GetBytes(Shell(service[6..])));
        else await PackageAsync(stream, service);
    }

    private string Shell(string command)
    {
        if (command == "getprop sys.boot_completed") return HasBooted() ? "1\n" : "\n";
        if (command == "pm list packages") return string.Concat(Packages.Keys.Order(StringComparer.Ordinal).Select(p => $"package:{p}\n"));
        if (command.StartsWith("pm uninstall ", StringComparison.Ordinal)) return Packages.TryRemove(command["pm uninstall ".Length..].Trim(), out _) ? "Success\n" : "Failure [DELETE_FAILED_INTERNAL_ERROR]\n";
        return $"/system/bin/sh: {command}: inaccessible or not found\n";
    }

    private bool HasBooted()
    {
        // Booted stays booted: counting on below zero would mean a device that never does.
        if (BootAfter > 0) BootAfter--;
        else return BootAfter == 0;
        return false;
    }

    private async Task PackageAsync(NetworkStream stream, string service)
    {
        if (service.Contains("install-create", StringComparison.Ordinal))
        {
            var id = Interlocked.Increment(ref _session);
            _sessions[id] = [];
            await SayAsync(stream, $"Success: created install session [{id}]\n");
            return;
        }

        if (service.Contains("install-commit", StringComparison.Ordinal))
        {
            await SayAsync(stream, Take(_sessions[int.Parse(Numbers().Matches(service)[^1].Value, CultureInfo.InvariantCulture)]));
            return;
        }

        if (service.Contains("install-abandon", StringComparison.Ordinal))
        {
            await SayAsync(stream, "Success\n");
            return;
        }

        var size = int.Parse(Size().Match(service).Groups[1].Value, CultureInfo.InvariantCulture);
        var content = new byte[size];
        await stream.ReadExactlyAsync(content);
        var text = Encoding.UTF8.GetString(content);
        if (Write().Match(service) is { Success: true } write)
        {
            _sessions[int.Parse(write.Groups[1].Value, CultureInfo.InvariantCulture)].Add(text);
            await SayAsync(stream, "Success: streamed\n");
        }
        else
        {
            await SayAsync(stream, Take([text]));
        }
    }

    private string Take(List<string> files)
    {
        if (Refusals.TryDequeue(out var refusal)) return $"Failure [{refusal}]\n";
        // Parts come in any order, and one of them says what they are parts of.
        var id = PackageId().Match(string.Join('\n', files));
        if (!id.Success) return "Failure [INSTALL_PARSE_FAILED_NOT_APK]\n";
        Packages[id.Groups[1].Value] = files.Count;
        return "Success\n";
    }

    private async Task SyncAsync(NetworkStream stream)
    {
        var header = new byte[8];
        var path = "";
        var content = new StringBuilder();
        while (true)
        {
            await stream.ReadExactlyAsync(header);
            var (id, length) = (Encoding.ASCII.GetString(header, 0, 4), BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(4)));
            if (id == "QUIT") return;
            if (id == "DONE")
            {
                Files[path] = content.ToString();
                await stream.WriteAsync("OKAY\0\0\0\0"u8.ToArray());
                continue;
            }

            var body = new byte[length];
            await stream.ReadExactlyAsync(body);
            if (id == "STAT") await stream.WriteAsync((byte[])[.. "STAT"u8, .. new byte[12]]);
            else if (id == "SEND") path = Encoding.UTF8.GetString(body).Split(',')[0];
            else if (id == "DATA") content.Append(Encoding.UTF8.GetString(body));
        }
    }

    private static async Task<string> TextAsync(NetworkStream stream)
    {
        var size = new byte[4];
        await stream.ReadExactlyAsync(size);
        var text = new byte[int.Parse(Encoding.ASCII.GetString(size), NumberStyles.HexNumber, CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(text);
        return Encoding.UTF8.GetString(text);
    }

    private static Task AnswerAsync(NetworkStream stream, string text) => SayAsync(stream, $"OKAY{text.Length:x4}{text}");

    private static Task FailAsync(NetworkStream stream, string text) => SayAsync(stream, $"FAIL{text.Length:x4}{text}");

    private static async Task SayAsync(NetworkStream stream, string text) => await stream.WriteAsync(Encoding.UTF8.GetBytes(text));

    [GeneratedRegex("-S '?([0-9]+)")]
    private static partial Regex Size();

    [GeneratedRegex("install-write -S [0-9]+ ([0-9]+)")]
    private static partial Regex Write();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Numbers();

    [GeneratedRegex("package=([a-z.]+)")]
    private static partial Regex PackageId();
}
