using System.Reflection;
using System.Text.RegularExpressions;
using OpenCharly.Foundation;

namespace OpenCharly.Tests.Catalogue;

/// <summary>The errors of virtual machines and images: the identifiers that the specification names, and that every one which is raised is tested somewhere.</summary>
public sealed partial class VmCatalogueTests
{
    // Every row of the table, and how a script is told of it; a builder image that is missing is PLN002, as of every target.
    private static readonly (ErrorKind Kind, string[] Ids)[] Named =
    [
        (ErrorKind.NotFound, ["ssh.no_key", "vm.not_found", "vm.image_not_found", "gpu.not_found", "snapshot.not_found", "vmfile.not_found", "template.not_found"]),
        (ErrorKind.WrongState,
        [
            "network.port_in_use", "vm.invalid_state", "vm.already_running", "vm.not_running", "vm.name_exists", "vm.not_built", "vm.not_created",
            "snapshot.exists", "snapshot.in_use", "snapshot.not_internal", "template.no_current",
        ]),
        (ErrorKind.Unreachable, ["image.download_failed", "oci.pull_failed", "network.ip_discovery_timeout", "propolis.unreachable", "ssh.failed", "vm.reboot_timeout", "deploy.unreachable"]),
        (ErrorKind.Refused, ["template.registry_insecure"]),
        (ErrorKind.Usage, ["vm.validation", "vm.invalid_vcpus", "vm.invalid_memory", "vm.no_image", "gpu.backend", "vmfile.parse_failed", "vmfile.validation", "template.registry_unconfigured"]),
        (ErrorKind.Failed,
        [
            "qemu.spawn_failed", "qemu.qmp_connect_failed", "qemu.qmp_command_failed", "image.overlay_creation_failed", "image.checksum_mismatch", "image.format_detection_failed",
            "image.conversion_failed", "network.tap_failed", "cloudinit.iso_failed", "ssh.keygen_failed", "vm.stop_failed", "vm.image_transfer_failed", "backend.not_available", "firmware.not_found",
            "install.no_guest_binary", "install.missing", "provision.failed", "template.corrupt", "template.checksum_mismatch", "template.build_failed", "io", "PLN002",
        ]),
    ];

    [Fact]
    public void Every_identifier_that_the_specification_names_is_a_code_of_the_engine_with_its_exit_code() =>
        Assert.Equal([], Named.SelectMany(n => n.Ids.Select(i => (i, n.Kind))).Except(Codes().Values.Select(c => (c.Id, c.Kind))));

    [Fact]
    public void Every_code_of_machines_and_images_that_is_raised_is_expected_by_a_test()
    {
        var root = RepositoryRoot();
        var raised = Uses(Path.Combine(root, "src", "OpenCharly"));
        var expected = Uses(Path.Combine(root, "tests"));
        var quoted = Sources(Path.Combine(root, "tests")).Where(f => Path.GetFileName(f) != nameof(VmCatalogueTests) + ".cs").SelectMany(File.ReadLines)
            .SelectMany(l => Quoted().Matches(l).Select(m => m.Groups[1].Value)).ToHashSet(StringComparer.Ordinal);
        var machines = Codes().Where(c => OfMachines().IsMatch(c.Value.Id) && raised.Contains(c.Key)).ToArray();
        Assert.NotEmpty(machines);
        Assert.Equal([], machines.Where(c => !expected.Contains(c.Key) && !quoted.Contains(c.Value.Id)).Select(c => c.Value.Id).Order(StringComparer.Ordinal));
    }

    private static Dictionary<string, ErrorCode> Codes() =>
        typeof(Errors).GetFields(BindingFlags.Public | BindingFlags.Static).ToDictionary(f => f.Name, f => (ErrorCode)f.GetValue(null)!);

    /// <summary>Names of codes in the sources below a folder; a comment that refers to one is no use of it.</summary>
    private static HashSet<string> Uses(string folder) =>
    [
        .. Sources(folder)
            .SelectMany(File.ReadLines)
            .Where(l => !l.TrimStart().StartsWith("///", StringComparison.Ordinal))
            .SelectMany(l => CodeUse().Matches(l).Select(m => m.Groups[1].Value)),
    ];

    private static IEnumerable<string> Sources(string folder) => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal));

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Charly.sln"))) folder = folder.Parent;
        return folder.FullName;
    }

    [GeneratedRegex(@"\bErrors\.(\w+)")]
    private static partial Regex CodeUse();

    [GeneratedRegex("\"([a-z]+\\.[a-z_]+)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^(qemu|image|oci|network|cloudinit|ssh|vm|backend|libvirt|propolis|firmware|gpu|snapshot|vmfile|provision|install|template)\.")]
    private static partial Regex OfMachines();
}
