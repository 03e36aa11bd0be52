@{
    RootModule           = 'OpenCharly.psm1'
    ModuleVersion        = '0.1.0'
    GUID                 = '6a1f7d0e-3f0c-4f5b-9a54-2d8f0a4f6c11'
    Author               = 'The OpenCharly authors'
    CompanyName          = 'OpenCharly'
    Copyright            = 'Copyright (c) The OpenCharly authors'
    Description          = 'Creates virtual machines and applies candies, declarative recipes of packages, files, services and shell set-up, to machines and hosts from one compiled, inspectable, reversible install plan.'
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @('formats/OpenCharly.Format.ps1xml')
    FunctionsToExport    = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
    CmdletsToExport      = @(
        'Add-CharlyBundle'
        'Build-CharlyVm'
        'Checkpoint-CharlyVm'
        'Compare-CharlyPlan'
        'Convert-CharlyImage'
        'Convert-CharlyVmCheckpoint'
        'Copy-CharlyVm'
        'Copy-CharlyVmItem'
        'Enter-CharlyVm'
        'Enter-CharlyVmConsole'
        'Export-CharlyPlan'
        'Get-CharlyBundle'
        'Get-CharlyCandy'
        'Get-CharlyDrift'
        'Get-CharlyImage'
        'Get-CharlyLedger'
        'Get-CharlyPlan'
        'Get-CharlyProblem'
        'Get-CharlyVm'
        'Get-CharlyVmCheckpoint'
        'Get-CharlyVmGpu'
        'Get-CharlyVmLog'
        'Import-CharlyPlan'
        'Import-CharlyVmFile'
        'Invoke-CharlyCheck'
        'Invoke-CharlyPlan'
        'Invoke-CharlyVmCommand'
        'Invoke-CharlyVmFileProvision'
        'New-CharlyCandy'
        'New-CharlyVm'
        'Remove-CharlyBundle'
        'Remove-CharlyImage'
        'Remove-CharlyVm'
        'Remove-CharlyVmCheckpoint'
        'Repair-CharlyBundle'
        'Restart-CharlyVm'
        'Restart-CharlyVmFile'
        'Restore-CharlyVmCheckpoint'
        'Resume-CharlyVm'
        'Save-CharlyImage'
        'Set-CharlyVm'
        'Show-CharlyPlan'
        'Start-CharlyVm'
        'Start-CharlyVmFile'
        'Stop-CharlyVm'
        'Stop-CharlyVmFile'
        'Suspend-CharlyVm'
        'Sync-CharlyVm'
        'Test-CharlyBundle'
        'Test-CharlyHost'
        'Test-CharlyProject'
        'Update-CharlySchema'
        'Wait-CharlyVm'
    )
    PrivateData          = @{
        PSData = @{
            Tags                     = @('PSEdition_Core', 'Linux', 'MacOS', 'VirtualMachine', 'QEMU', 'libvirt', 'cloud-init', 'provisioning', 'configuration', 'SSH')
            License                  = 'MIT'
            RequireLicenseAcceptance = $false
        }
    }
}
