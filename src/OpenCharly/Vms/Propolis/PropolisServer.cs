using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Propolis;

/// <summary>The REST face of a machine's Propolis server (vm.md §3.5).</summary>
/// <param name="address">Host and port, such as <c>127.0.0.1:12400</c>.</param>
/// <param name="machine">The machine, for messages.</param>
internal sealed class PropolisServer(string address, VmName machine) : IDisposable
{
    private const string IdPrefix = "propolis-";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly HttpClient _http = new() { BaseAddress = new Uri($"http://{address}/"), Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>Waits until the server answers: with its instance, or that it has none yet.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PropolisUnreachable"/>, telling what was seen last.</exception>
    public async Task WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var seen = "nothing yet";
        for (var start = Stopwatch.GetTimestamp(); ; await Task.Delay(Pause, cancellationToken).ConfigureAwait(false))
        {
            try
            {
                using var response = await _http.GetAsync("instance", cancellationToken).ConfigureAwait(false);
                if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotFound) return;
                seen = $"status {(int)response.StatusCode}";
            }
            catch (Exception e) when (IsSilence(e, cancellationToken))
            {
                seen = (e.InnerException ?? e).Message;
            }

            if (Stopwatch.GetElapsedTime(start) >= limit) throw Unreachable($"no answer within {limit.TotalSeconds:0} s; last seen: {seen}", null);
        }
    }

    /// <summary>Hands the server its machine.</summary>
    public Task EnsureAsync(VmHandle handle, string disk, CancellationToken cancellationToken) => PutAsync("instance", Describe(handle, disk), cancellationToken);

    /// <summary>Asks for a state: <c>Run</c> or <c>Stop</c>.</summary>
    public Task SetStateAsync(string state, CancellationToken cancellationToken) => PutAsync("instance/state", $"\"{state}\"", cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>The machine as the server is told of it.</summary>
    internal static string Describe(VmHandle handle, string disk)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            var id = handle.Id.StartsWith(IdPrefix, StringComparison.Ordinal) ? handle.Id[IdPrefix.Length..] : handle.Id;
            json.WriteStartObject();
            json.WriteStartObject("properties");
            json.WriteString("id", id);
            json.WriteString("name", handle.Name);
            json.WriteString("description", $"machine {VmName.Of(handle)}");
            json.WriteNumber("memory", handle.MemoryMb);
            json.WriteNumber("vcpus", handle.Vcpus);
            json.WriteEndObject();
            json.WriteStartArray("nics");
            if (handle.Network.Name is { } nic)
            {
                json.WriteStartObject();
                json.WriteString("name", nic);
                json.WriteNumber("slot", 5);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("disks");
            WriteDisk(json, "disk0", 0, disk, id, isReadOnly: false);
            if (handle.SeedIsoPath is { } seed) WriteDisk(json, "cidata", 1, seed, id, isReadOnly: true);
            json.WriteEndArray();
            json.WriteStartObject("boot_settings");
            json.WriteStartArray("order");
            json.WriteStartObject();
            json.WriteString("name", "disk0");
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void WriteDisk(Utf8JsonWriter json, string name, int slot, string path, string id, bool isReadOnly)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteNumber("slot", slot);
        json.WriteBoolean("read_only", isReadOnly);
        json.WriteString("device", "virtio");
        json.WriteStartObject("volume_construction_request");
        json.WriteString("type", "file");
        json.WriteString("id", id);
        json.WriteNumber("block_size", 512);
        json.WriteString("path", path);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private async Task PutAsync(string path, string body, CancellationToken cancellationToken)
    {
        try
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await _http.PutAsync(path, content, cancellationToken).ConfigureAwait(false);
            if (response.IsSuccessStatusCode) return;
            var words = (await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false)).Trim();
            throw new CharlyException(
                Errors.PropolisFailed,
                $"the Propolis server of machine {machine} refused PUT /{path} with status {(int)response.StatusCode}: {(words.Length > 200 ? words[..200] + "…" : words)}",
                "See the log of propolis-server in its zone.",
                target: machine.ToString());
        }
        catch (Exception e) when (IsSilence(e, cancellationToken))
        {
            throw Unreachable((e.InnerException ?? e).Message, e);
        }
    }

    private static bool IsSilence(Exception e, CancellationToken cancellationToken) =>
        e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private CharlyException Unreachable(string why, Exception? inner) => new(
        Errors.PropolisUnreachable,
        $"the Propolis server of machine {machine} at {address} can't be reached: {why}",
        "Check that propolis-server runs in the machine's zone and listens on that address (CHARLY_PROPOLIS_ADDRESS, or the setting propolis.address).",
        target: machine.ToString(),
        inner: inner);
}
