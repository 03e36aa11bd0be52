using OpenCharly.Vms;
using OpenCharly.Vms.Definitions;

namespace OpenCharly.PowerShell.Binding;

/// <summary>Lets a parameter that names machines of a VMFile take their definitions, and the machines that they became.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class VmFileMachineAttribute : NameAttribute
{
    private protected override string? NameOf(object value) => value switch
    {
        VmDefinition definition => definition.Name,
        CharlyVm vm => vm.Id,
        _ => null,
    };
}
