using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Vms;

/// <summary>A source as YAML, for <c>vm_source</c> in the per-host file.</summary>
internal static class VmSourceYaml
{
    public static YamlValue Render(VmSource source)
    {
        List<(string Key, YamlValue Value)> entries = [("kind", source.Kind)];
        switch (source)
        {
            case CloudImageSource image:
                Add("url", image.Url);
                Add("path", image.Path);
                if (image.Sha256 is { } digest) entries.Add(("checksum", YamlValue.Map(("type", "sha256"), ("value", digest))));
                Add("cache", image.Cache);
                Add("base_user", image.BaseUser);
                break;
            case BootstrapSource bootstrap:
                Add("builder", bootstrap.Builder);
                Add("distro", bootstrap.Distro);
                Add("builder_image", bootstrap.BuilderImage);
                Add("suite", bootstrap.Suite);
                Add("mirror", bootstrap.Mirror);
                Add("rootfs", bootstrap.RootFs);
                AddList("kernel_args", bootstrap.KernelArgs);
                AddList("package", bootstrap.Packages);
                Add("bootstrap_arch", bootstrap.Architecture);
                Add("bootstrap_variant", bootstrap.Variant);
                break;
            case BootcSource bootc:
                Add("box", bootc.Box);
                Add("transport", bootc.Transport);
                Add("rootfs", bootc.RootFs);
                Add("root_size", bootc.RootSize?.ToString());
                AddList("kernel_args", bootc.KernelArgs);
                break;
            case CloneSource clone:
                Add("from_vm", clone.FromVm);
                Add("from_snapshot", clone.FromSnapshot);
                entries.Add(("cloud_init_clean", clone.CloudInitClean));
                break;
            case ImportedSource imported:
                Add("libvirt_name", imported.LibvirtName);
                Add("disk_path", imported.DiskPath);
                Add("disk_format", imported.DiskFormat);
                break;
        }

        return YamlValue.Map(entries);

        void Add(string key, string? value)
        {
            if (value is not null) entries.Add((key, value));
        }

        void AddList(string key, IReadOnlyList<string> values)
        {
            if (values.Count > 0) entries.Add((key, YamlValue.TextList(values)));
        }
    }
}
