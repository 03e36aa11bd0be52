using OpenCharly.Targets;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Binding;

/// <summary>
/// Lets a parameter that names machines take whatever stands for one: its name, its deploy key <c>vm:web</c>, the
/// state that New-CharlyVm emits, the disk that Build-CharlyVm emits, the status of its deployment.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class VmNameAttribute : NameAttribute
{
    private const string Prefix = "vm:";

    private protected override string? NameOf(object value) => value switch
    {
        string text => Strip(text),
        CharlyVm vm => vm.Name,
        VmDeployState state => Strip(state.Key),
        VmDisk disk => disk.Name,
        VmSnapshot snapshot => snapshot.Vm,
        BundleStatus status => Strip(status.Name),
        DeployResult result => Strip(result.Name),
        _ => null,
    };

    private static string Strip(string key) => key.StartsWith(Prefix, StringComparison.Ordinal) ? key[Prefix.Length..] : key;
}
