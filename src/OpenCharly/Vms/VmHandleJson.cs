using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenCharly.Vms.Definitions;

namespace OpenCharly.Vms;

/// <summary>A handle as it stands in <c>vms.json</c> (vm.md §2.5): old files load, and keys we don't know stay.</summary>
internal static class VmHandleJson
{
    /// <summary>Reads a record.</summary>
    /// <exception cref="FormatException">A required key is missing or a value has the wrong type.</exception>
    public static VmHandle Read(JsonObject record)
    {
        return new VmHandle
        {
            Id = Required(record, "id"),
            Name = Required(record, "name"),
            Backend = Required(record, "backend"),
            WorkDir = Required(record, "work_dir"),
            OverlayPath = Text(record, "overlay_path"),
            SeedIsoPath = Text(record, "seed_iso_path"),
            QmpSocket = Text(record, "qmp_socket"),
            ConsoleSocket = Text(record, "console_socket"),
            VncAddr = Text(record, "vnc_addr"),
            MacAddr = Text(record, "mac_addr"),
            Pid = Number(record, "pid"),
            DiskGb = Number(record, "disk_gb"),
            SshHostPort = Number(record, "ssh_host_port"),
            Vcpus = Number(record, "vcpus") ?? 1,
            MemoryMb = Number(record, "memory_mb") ?? 1024,
            Network = ReadNetwork(record["network"]),
            Uefi = Value(record, "uefi", "true or false", n => (bool?)n) ?? false,
            PortForwards = ReadForwards(record["port_forwards"]),
            DirectBoot = ReadDirectBoot(record["direct_boot"]),
            SshUser = Text(record, "ssh_user"),
            Instance = Text(record, "instance"),
            Failure = Text(record, "failure"),
        };
    }

    /// <summary>Writes a handle over the record that stands there, so that other keys survive.</summary>
    public static void Write(VmHandle handle, JsonObject record)
    {
        record["id"] = handle.Id;
        record["name"] = handle.Name;
        record["backend"] = handle.Backend;
        record["work_dir"] = handle.WorkDir;
        record["overlay_path"] = handle.OverlayPath;
        record["seed_iso_path"] = handle.SeedIsoPath;
        record["qmp_socket"] = handle.QmpSocket;
        record["console_socket"] = handle.ConsoleSocket;
        record["vnc_addr"] = handle.VncAddr;
        record["mac_addr"] = handle.MacAddr;
        record["pid"] = handle.Pid;
        record["disk_gb"] = handle.DiskGb;
        record["ssh_host_port"] = handle.SshHostPort;
        record["vcpus"] = handle.Vcpus;
        record["memory_mb"] = handle.MemoryMb;
        record["network"] = WriteNetwork(handle.Network);
        record["uefi"] = handle.Uefi;
        record["port_forwards"] = new JsonArray([.. handle.PortForwards.Select(f => (JsonNode?)f)]);
        if (handle.DirectBoot is { } boot) record["direct_boot"] = WriteDirectBoot(boot);
        else record.Remove("direct_boot");
        Optional(record, "ssh_user", handle.SshUser);
        Optional(record, "instance", handle.Instance);
        Optional(record, "failure", handle.Failure);
    }

    private static VmHandleNetwork ReadNetwork(JsonNode? node)
    {
        if (node is null) return new VmHandleNetwork("User", null, null);
        var network = node as JsonObject ?? throw new FormatException("\"network\" is not an object");
        var type = Required(network, "type");
        return new VmHandleNetwork(
            type.Length == 0 ? "User" : char.ToUpper(type[0], CultureInfo.InvariantCulture) + type[1..].ToLowerInvariant(),
            Text(network, "bridge"),
            Text(network, "name"));
    }

    private static JsonObject WriteNetwork(VmHandleNetwork network)
    {
        var result = new JsonObject { ["type"] = network.Type };
        Optional(result, "bridge", network.Bridge);
        Optional(result, "name", network.Name);
        return result;
    }

    private static VmDirectBoot? ReadDirectBoot(JsonNode? node)
    {
        if (node is null) return null;
        var boot = node as JsonObject ?? throw new FormatException("\"direct_boot\" is not an object");
        return new VmDirectBoot(Required(boot, "kernel"), Text(boot, "initrd"), Text(boot, "append"));
    }

    private static JsonObject WriteDirectBoot(VmDirectBoot boot)
    {
        var result = new JsonObject { ["kernel"] = boot.Kernel };
        Optional(result, "initrd", boot.Initrd);
        Optional(result, "append", boot.CommandLine);
        return result;
    }

    private static void Optional(JsonObject record, string key, string? value)
    {
        if (value is null) record.Remove(key);
        else record[key] = value;
    }

    private static string Required(JsonObject record, string key) => Text(record, key) ?? throw new FormatException($"\"{key}\" is missing");

    private static string? Text(JsonObject record, string key) => Value(record, key, "text", n => (string?)n);

    private static int? Number(JsonObject record, string key) => Value(record, key, "a whole number", n => (int?)n);

    private static T Value<T>(JsonObject record, string key, string kind, Func<JsonNode?, T> read)
    {
        try
        {
            return read(record[key]);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            throw new FormatException($"\"{key}\" is {record[key]!.ToJsonString()}, and must be {kind}", e);
        }
    }

    private static string[] ReadForwards(JsonNode? node) => node switch
    {
        null => [],
        JsonArray list when list.All(f => f?.GetValueKind() == JsonValueKind.String) => [.. list.Select(f => (string)f!)],
        _ => throw new FormatException("\"port_forwards\" is no list of text"),
    };
}
