using System.Globalization;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>What the user's settings <c>vm.…</c> say of machines whose entity leaves it open (deploy.md §13.1).</summary>
internal static class VmDefaults
{
    /// <summary>The entity with what the user chose. What nobody chose stays as it is.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SettingInvalid"/>.</exception>
    public static VmSpec Over(VmSpec spec, CharlyContext context)
    {
        var settings = new Settings(context.Environment, context.Paths);
        if (spec.IsRamOpen && Chosen("vm.ram") is { } ram && ByteSize.TryParse(ram, 'M', out var memory)) spec = spec with { Ram = memory };
        if (spec.AreCpusOpen && Chosen("vm.cpus") is { } cpus) spec = spec with { Cpus = int.Parse(cpus, CultureInfo.InvariantCulture) };
        if (spec.Source is BootcSource bootc)
        {
            spec = spec with
            {
                Source = bootc with
                {
                    RootFs = bootc.RootFs ?? Chosen("vm.rootfs"),
                    Transport = bootc.Transport ?? Chosen("vm.transport"),
                    RootSize = bootc.RootSize ?? (Chosen("vm.root_size") is { } size && ByteSize.TryParse(size, 'B', out var root) ? root : null),
                },
            };
        }

        return spec;

        string? Chosen(string key) => settings.Get(key) is { Source: not SettingSource.Default } setting ? setting.Value : null;
    }
}
