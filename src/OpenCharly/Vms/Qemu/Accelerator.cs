namespace OpenCharly.Vms.Qemu;

/// <summary>What runs a guest's instructions.</summary>
public enum AcceleratorKind
{
    /// <summary>QEMU's own translator: works everywhere, several times slower.</summary>
    Tcg,

    /// <summary>Linux.</summary>
    Kvm,

    /// <summary>macOS.</summary>
    Hvf,
}

/// <summary>The accelerator for a guest, and why it is that one.</summary>
/// <param name="Kind">The accelerator.</param>
/// <param name="Reason">One clause for people, such as <c>the processor shows neither svm nor vmx</c>.</param>
public sealed record Accelerator(AcceleratorKind Kind, string Reason)
{
    /// <summary>How many times longer a guest may take for everything, compared with one on the hardware.</summary>
    public int Patience => Kind == AcceleratorKind.Tcg ? 3 : 1;
}
