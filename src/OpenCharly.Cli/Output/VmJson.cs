using System.Text.Json;
using OpenCharly.Execution;
using OpenCharly.Operations;
using OpenCharly.Vms;
using OpenCharly.Vms.Gpu;

namespace OpenCharly.Cli.Output;

/// <summary>Machines as JSON.</summary>
internal static class VmJson
{
    public static void Write(Utf8JsonWriter json, CharlyVm vm)
    {
        json.WriteStartObject();
        json.WriteString("name", vm.Name);
        json.WriteString("id", vm.Id);
        json.WriteString("backend", vm.Backend);
        json.WriteString("status", vm.Status.ToKebab());
        json.Text("failure", vm.Failure);
        if (vm.IsVmFile) json.WriteBoolean("vmfile", true);
        json.Number("pid", vm.Pid);
        json.WriteNumber("cpus", vm.Cpus);
        json.WriteNumber("memory_mb", vm.MemoryMb);
        json.Number("disk_gb", vm.DiskGb);
        json.WriteString("network", vm.Network);
        json.Text("mac", vm.Mac);
        if (vm.Ssh is { } ssh)
        {
            json.WriteStartObject("ssh");
            json.WriteString("alias", ssh.Alias);
            json.WriteString("host", ssh.Host);
            json.WriteNumber("port", ssh.Port);
            json.WriteString("user", ssh.User);
            json.WriteEndObject();
        }

        json.Text("host_address", vm.HostAddress);
        json.Text("vnc", vm.Vnc);
        json.WriteString("work_dir", vm.WorkDir);
        json.Text("disk", vm.Disk);
        json.Text("seed", vm.Seed);
        json.Time("ttl_deadline", vm.Deadline);
        if (vm.State is { } state)
        {
            json.WritePropertyName("vm_state");
            Write(json, state);
        }

        json.WriteEndObject();
    }

    /// <summary>The keys of the per-host file (vm.md §7.9), after the deploy key.</summary>
    public static void Write(Utf8JsonWriter json, VmDeployState state)
    {
        json.WriteStartObject();
        json.WriteString("key", state.Key);
        json.Text("instance_id", state.InstanceId);
        json.Text("disk_path", state.DiskPath);
        json.Text("seed_iso", state.SeedIso);
        json.Text("nvram_path", state.NvramPath);
        json.Number("ssh_port", state.SshPort);
        json.Text("ssh_user", state.SshUser);
        json.Text("backend", state.Backend);
        if (state.KeyInjectionSmbios is not null || state.KeyInjectionCloudInit is not null)
        {
            json.WriteStartObject("key_injection_resolved");
            json.Flag("smbios", state.KeyInjectionSmbios);
            json.Flag("cloud_init", state.KeyInjectionCloudInit);
            json.WriteEndObject();
        }

        json.Text("charly_install_strategy", state.CharlyInstallStrategy);
        json.Text("cloud_init_rendered_digest", state.CloudInitRenderedDigest);
        json.Text("base_image_sha256", state.BaseImageSha256);
        json.Time("last_build", state.LastBuild);
        json.Time("last_deploy", state.LastDeploy);
        json.Texts("applied_layers", state.AppliedLayers);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, VmDisk disk)
    {
        json.WriteStartObject();
        json.WriteString("name", disk.Name);
        json.WriteString("path", disk.Path);
        json.WriteString("format", disk.Format);
        json.WriteNumber("virtual_size", disk.VirtualSize);
        json.WriteNumber("actual_size", disk.ActualSize);
        json.Text("base_image", disk.BaseImage);
        json.Text("base_sha256", disk.BaseSha256);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, VmSnapshot snapshot)
    {
        json.WriteStartObject();
        json.WriteString("vm", snapshot.Vm);
        json.WriteString("name", snapshot.Name);
        json.WriteString("mode", snapshot.Mode.ToKebab());
        json.Text("libvirt_name", snapshot.LibvirtName);
        json.Text("disk_path", snapshot.DiskPath);
        json.Text("description", snapshot.Description);
        json.Time("created", snapshot.Created);
        json.Text("parent", snapshot.Parent);
        json.WriteNumber("refcount", snapshot.Refcount);
        json.WriteBoolean("quiesced", snapshot.Quiesced);
        json.WriteBoolean("has_memory", snapshot.HasMemory);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, TransferResult transfer)
    {
        json.WriteStartObject();
        json.WriteString("vm", transfer.Vm);
        json.WriteString("source", transfer.Source);
        json.WriteString("destination", transfer.Destination);
        json.WriteNumber("files", transfer.Files);
        json.WriteNumber("bytes", transfer.Bytes);
        json.Seconds("duration_seconds", transfer.Duration);
        json.Texts("items", transfer.Items);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, BoxTransfer transfer)
    {
        json.WriteStartObject();
        json.WriteString("vm", transfer.Vm);
        json.WriteString("image", transfer.Image);
        json.WriteString("tag", transfer.Tag);
        json.WriteString("image_id", transfer.ImageId);
        json.WriteBoolean("rootless", transfer.Rootless);
        json.WriteString("way", transfer.Way.ToKebab());
        json.WriteNumber("layers_sent", transfer.LayersSent);
        json.WriteNumber("layers_present", transfer.LayersPresent);
        json.WriteNumber("bytes_sent", transfer.BytesSent);
        json.WriteNumber("image_bytes", transfer.ImageBytes);
        json.WriteNumber("attempts", transfer.Attempts);
        json.WriteBoolean("dry_run", transfer.DryRun);
        json.Seconds("duration_seconds", transfer.Duration);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, VmPreview preview)
    {
        json.WriteStartObject();
        json.WriteString("name", preview.Name);
        json.WriteString("verb", preview.Verb.ToKebab());
        json.WriteString("from", preview.From.ToKebab());
        json.WriteString("to", preview.To.ToKebab());
        json.Texts("changes", preview.Changes);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, ImportableVm domain)
    {
        json.WriteStartObject();
        json.WriteString("domain", domain.Domain);
        json.Text("entity", domain.Entity);
        json.WriteBoolean("is_ours", domain.IsOurs);
        json.Text("disk", domain.Disk);
        json.Texts("drift", domain.Drift);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, GpuReport report)
    {
        json.WriteStartObject();
        json.WriteNumber("iommu_groups", report.IommuGroups);
        json.Text("kernel_option", report.KernelOption);
        json.WriteBoolean("vfio_pci", report.HasVfio);
        json.Number("memory_lock_bytes", report.MemoryLock);
        json.WriteBoolean("memory_lock_enough", report.IsMemoryLockEnough);
        json.Objects("devices", report.Devices, Write);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, GpuDevice device)
    {
        json.WriteStartObject();
        json.WriteString("address", device.Address);
        json.WriteString("vendor", device.Vendor);
        json.WriteString("vendor_id", device.VendorId);
        json.WriteString("device_id", device.DeviceId);
        json.Text("driver", device.Driver);
        json.Number("iommu_group", device.IommuGroup);
        json.Texts("group", device.Group);
        json.Flag("can_open", device.CanOpen);
        json.WriteBoolean("boot_display", device.IsBootDisplay);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, CommandResult result)
    {
        json.WriteStartObject();
        json.WriteNumber("exit_code", result.ExitCode);
        json.WriteString("stdout", result.StandardOutput);
        json.WriteString("stderr", result.StandardError);
        json.Seconds("duration_seconds", result.Duration);
        json.WriteEndObject();
    }

    public static string LogLine(VmLogLine line) => JsonText.Line(json =>
    {
        json.WriteStartObject();
        json.WriteString("log", line.Log);
        json.WriteString("text", line.Text);
        json.WriteEndObject();
    });
}
