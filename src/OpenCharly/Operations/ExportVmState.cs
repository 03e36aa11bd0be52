using System.Text.Json;
using System.Text.Json.Nodes;
using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>What <c>ExportVmState</c> works from.</summary>
public sealed record ExportVmStateRequest
{
    /// <summary>Names of machines, with wildcards; all if empty.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The file to write.</summary>
    public required string File { get; init; }

    /// <summary>Replace a file that is there.</summary>
    public bool Overwrite { get; init; }
}

/// <summary>Writes the records of machines to one file, never their disks (vm.md §2.2).</summary>
public sealed class ExportVmState
{
    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public ExportVmState(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal ExportVmState(VmServices services) => _services = services;

    /// <summary>Writes it, readable by its owner only; what is true only while a machine runs is left out.</summary>
    /// <returns>What is known of each machine, by name.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotFound"/>, <see cref="Errors.RegistryCorrupt"/>; <see cref="Errors.FileExists"/>.</exception>
    public async Task<IReadOnlyList<VmDeployState>> RunAsync(ExportVmStateRequest request, CancellationToken cancellationToken = default)
    {
        var file = _services.Context.Environment.Resolve(request.File);
        if (!request.Overwrite && File.Exists(file)) throw new CharlyException(Errors.FileExists, $"{file} is there already", "Name another file, or write --force to replace it.", target: file);
        var all = _services.Registry.Read();
        var wanted = request.Names.Count == 0
            ? all.Values
            : (await new GetVms(_services).RunAsync(new VmQuery { Names = request.Names }, cancellationToken).ConfigureAwait(false)).Select(v => all.GetValueOrDefault(v.Id)).OfType<VmHandle>();
        VmHandle[] handles = [.. wanted.OrderBy(h => h.Name, StringComparer.Ordinal)];
        var records = new JsonArray();
        foreach (var handle in handles)
        {
            var record = new JsonObject();
            VmHandleJson.Write(handle with { Pid = null, VncAddr = null }, record);
            records.Add((JsonNode)record);
        }

        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true })) records.WriteTo(writer);
        text.WriteByte((byte)'\n');
        AtomicFile.Write(file, text.ToArray(), AtomicFile.Private);
        return [.. handles.Select(h => StateOf(_services, h))];
    }

    /// <summary>What is known of a machine: what is recorded of it, else what its record says.</summary>
    internal static VmDeployState StateOf(VmServices services, VmHandle handle)
    {
        var name = VmName.Of(handle);
        return (name.IsVmFile ? null : services.States.Read(name.Key)) ?? new VmDeployState
        {
            Key = name.Key, DiskPath = handle.OverlayPath, SeedIso = handle.SeedIsoPath, SshPort = handle.SshHostPort, SshUser = handle.SshUser, Backend = handle.Backend,
        };
    }
}
