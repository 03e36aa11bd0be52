using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Vms;
using OpenCharly.Vms.Gpu;

namespace OpenCharly.Cli.Output;

/// <summary>Snapshots, copies, previews and display devices for people.</summary>
internal static class VmSnapshotText
{
    public static IReadOnlyList<TableColumnSpec> Columns { get; } =
        [new("NAME"), new("MODE"), new("CREATED"), new("MEMORY"), new("PARENT"), new("USERS", IsNumber: true), new("DESCRIPTION")];

    public static IReadOnlyList<TableColumnSpec> GpuColumns { get; } =
        [new("ADDRESS"), new("DEVICE"), new("VENDOR"), new("DRIVER"), new("GROUP", IsNumber: true), new("SIZE", IsNumber: true), new("VFIO")];

    public static IReadOnlyList<string> Row(VmSnapshot snapshot) =>
    [
        snapshot.Name, snapshot.Mode.ToKebab(), Times.Short(snapshot.Created), snapshot.HasMemory ? "yes" : "no", snapshot.Parent ?? "-", snapshot.Refcount.ToString(), snapshot.Description ?? "",
    ];

    public static string OneLine(VmSnapshot snapshot) =>
        $"{snapshot.Vm}@{snapshot.Name} {snapshot.Mode.ToKebab()}{(snapshot.HasMemory ? ", with memory" : "")}\n";

    public static string Transfer(TransferResult transfer) =>
        $"{transfer.Destination}: {transfer.Files} file{(transfer.Files == 1 ? "" : "s")}, {new ByteSize(transfer.Bytes).ToHuman()} in {transfer.Duration.TotalSeconds:0.0} s\n";

    public static string Transfer(BoxTransfer transfer) => transfer switch
    {
        { Way: BoxTransferWay.None } => $"{transfer.Vm} has {transfer.Tag} already, the same image; nothing {(transfer.DryRun ? "would be" : "was")} sent\n",
        { DryRun: true } => $"{transfer.Image} -> {transfer.Vm} {transfer.Tag}: would send {Layers(transfer)}\n",
        _ => $"{transfer.Image} -> {transfer.Vm} {transfer.Tag}: sent {Layers(transfer)}, in {transfer.Duration.TotalSeconds:0.0} s\n",
    };

    public static string Preview(VmPreview preview) => preview.Changes.Count == 0
        ? preview.Verb is VmVerb.Build or VmVerb.Change ? $"{preview.Name}: nothing would change\n" : $"{preview.Name} is {preview.From.ToKebab()} already; nothing would change\n"
        : $"{preview.Name} {(preview.From == VmStatus.Destroyed ? "-" : preview.From.ToKebab())} -> {(preview.To == VmStatus.Destroyed && preview.Verb != VmVerb.Destroy ? "-" : preview.To.ToKebab())}\n" + string.Concat(preview.Changes.Select(c => $"  would {c}\n"));

    public static IReadOnlyList<TableColumnSpec> DomainColumns { get; } = [new("DOMAIN"), new("ENTITY"), new("DRIFT", IsNumber: true), new("DISK")];

    public static IReadOnlyList<string> DomainRow(ImportableVm domain) =>
        [domain.Domain, domain.IsOurs ? "(charly's own)" : domain.Entity ?? "-", domain.Entity is null ? "-" : domain.Drift.Count.ToString(), domain.Disk ?? "-"];

    private static string Layers(BoxTransfer transfer) =>
        $"{transfer.LayersSent} of {transfer.LayersSent + transfer.LayersPresent} layers, {Size(transfer.BytesSent)} of {Size(transfer.ImageBytes)}";

    private static string Size(long bytes) => bytes <= 0 ? "0 B" : new ByteSize(bytes).ToHuman();

    public static IReadOnlyList<string> GpuRow(GpuDevice device) =>
    [
        device.Address, $"{device.VendorId}:{device.DeviceId}", device.Vendor, device.Driver ?? "-", device.IommuGroup?.ToString() ?? "-", device.Group.Count.ToString(),
        device.CanOpen switch { true => "yes", false => "no access", null => "-" },
    ];

    public static string Gpu(GpuReport report) => TextTable.Pairs(
    [
        ("IOMMU", report.IommuGroups > 0 ? $"{report.IommuGroups} groups" : "off; switch it on in the firmware set-up and with intel_iommu=on or amd_iommu=on"),
        ("Kernel", report.KernelOption),
        ("vfio-pci", report.HasVfio ? "loaded" : "not loaded; modprobe vfio-pci"),
        ("Locked memory", report.MemoryLock is { } limit ? $"{new ByteSize(limit).ToHuman()}{(report.IsMemoryLockEnough ? "" : ", 16 GiB are needed")}" : "unlimited"),
    ]);
}
